import type { JournalRecord } from '../../events/journal-record.ts';
import type { DeviceId } from '../../ids.ts';
import type { Milliseconds } from '../../ports.ts';
import { fileFields } from '../file-key.ts';
import type { AnnouncedFile } from '../ports.ts';
import type { SettledFile } from './batch-line.ts';
import type { BatchConclusion } from './batch-message.ts';

interface About {
  readonly device: DeviceId;
  readonly at: Milliseconds;
}

export function requestedRecord(file: AnnouncedFile, { device: from, at }: About): JournalRecord {
  return { kind: 'file-requested', ...fileFields(file), from, at };
}

/** What a receiver journals of a small file that has ended: a sub-transfer whose start and end fall together, unless nothing came. */
export function settledRecords({ file, end }: SettledFile, { device: peer, at }: About): readonly JournalRecord[] {
  const name = fileFields(file);
  if (end.kind === 'declined') return [{ kind: 'request-declined', ...name, from: peer, reason: end.reason, at }];
  const share = { ...name, peer, direction: 'receiving', at } as const;
  const started = { kind: 'sub-transfer-started', ...share, start: 0 } as const;
  if (end.kind === 'failed') return [started, { kind: 'sub-transfer-ended', ...share, outcome: end.failure, bytes: 0 }];
  return [
    started,
    { kind: 'file-verified', ...name, ...end.stamp, at },
    { kind: 'sub-transfer-ended', ...share, outcome: 'complete', bytes: file.totalSize },
  ];
}

/** What a source journals when a small file leaves, and when the receiver has said what became of it. */
export function servingRecord(file: AnnouncedFile, { device: peer, at }: About): JournalRecord {
  return { kind: 'sub-transfer-started', ...fileFields(file), peer, direction: 'serving', start: 0, at };
}

export function servedRecord(
  file: AnnouncedFile,
  conclusion: BatchConclusion,
  { device: peer, at }: About,
): JournalRecord {
  const outcome = OUTCOMES[conclusion];
  const bytes = outcome === 'complete' ? file.totalSize : 0;
  return { kind: 'sub-transfer-ended', ...fileFields(file), peer, direction: 'serving', outcome, bytes, at };
}

const OUTCOMES = {
  verified: 'complete',
  'wrong-digest': 'wrong-digest',
  'wrong-size': 'wrong-size',
  'disk-full': 'disk-full',
  cancelled: 'cancelled',
  paused: 'paused-there',
  interrupted: 'interrupted',
} as const satisfies Record<BatchConclusion, string>;
