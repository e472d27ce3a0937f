import type { JournalRecord } from '../../events/journal-record.ts';
import { DISK_RESERVE_BYTES } from '../../limits.ts';
import type { EngineParts } from '../engine-parts.ts';
import { type CommitRoom, createCommitRoom } from './commit-room.ts';
import { createDiskRoom, type DiskRoom, freeForFiles } from './disk-room.ts';
import { freeBytes } from './disk-space-adapter.ts';

/** The disks of a home, each part of which may lie on another. */
export interface WatchedDisks {
  readonly forFiles: DiskRoom;
  readonly forCommits: CommitRoom;
  /** Looks at all of them now. */
  look(): Promise<void>;
}

type WatchDisksParts = Pick<EngineParts, 'home' | 'clock' | 'keeper' | 'policy' | 'signal'> & {
  /** There is more room for files, or less. */
  onChanged(): void;
};

/** Looked at from time to time, and whenever a file has come or gone. */
export function watchDisks({ home, clock, keeper, policy, signal, onChanged }: WatchDisksParts): WatchedDisks {
  const { reserve = DISK_RESERVE_BYTES } = policy;
  const freeForRecords = () => Promise.all([home.conversationsDirectory, home.journalDirectory].map(freeBytes));
  const forFiles = createDiskRoom({
    ...{ clock, signal, reserve, onChanged },
    measure: async () =>
      freeForFiles(await freeBytes(home.filesDirectory), { others: await freeForRecords(), reserve }),
  });
  const records = createDiskRoom({
    ...{ clock, signal, reserve, onChanged: () => {} },
    measure: async () => leastOf(await freeForRecords()),
  });
  keeper.listen((written) => {
    if (written.some(({ kind }) => CHANGES_THE_DISK.has(kind))) forFiles.poke();
  });
  return {
    forFiles,
    forCommits: createCommitRoom({ disk: records, reserve, clock }),
    look: async () => void (await Promise.all([forFiles.look(), records.look()])),
  };
}

const CHANGES_THE_DISK: ReadonlySet<JournalRecord['kind']> = new Set([
  'sub-transfer-progressed',
  'chunks-checked',
  'sub-transfer-ended',
  'file-verified',
  'file-removed',
]);

function leastOf(free: readonly (number | undefined)[]): number | undefined {
  const known = free.filter((bytes) => bytes !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
