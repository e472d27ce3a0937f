import { backOff } from '../../back-off.ts';
import type { RecordOf } from '../../events/journal-record.ts';
import { REQUEST_RETRY_MAX_MS, REQUEST_RETRY_MS } from '../../limits.ts';

/** The disk was full when last written to: no file of any conversation is asked for before `until`. */
export interface FullDisk {
  /** How often in a row. */
  readonly tries: number;
  readonly until: number;
}

type DiskRecord = RecordOf<'sub-transfer-ended' | 'file-verified' | 'file-removed' | 'file-accepted'>;

/** A file that found its place, one that was taken away, and the user's wish end the pause; else it is longer each time. */
export function evolveFullDisk(full: FullDisk | undefined, record: DiskRecord): FullDisk | undefined {
  if (record.kind !== 'sub-transfer-ended') return undefined;
  if (record.direction === 'serving' || record.outcome !== 'disk-full') return full;
  // Whatever else was under way meets the same full disk: that is one failure.
  if (full && record.at < full.until) return full;
  const tries = (full?.tries ?? 0) + 1;
  const wait = backOff(tries, { first: REQUEST_RETRY_MS, longest: REQUEST_RETRY_MAX_MS });
  return { tries, until: record.at + wait };
}
