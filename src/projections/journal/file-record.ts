import { List, OrderedMap, Set as PersistentSet } from 'immutable';
import type { JournalRecord, RecordOf } from '../../events/journal-record.ts';
import type { CommitId, ConversationId, DeviceId, FileId } from '../../ids.ts';
import { never } from '../../never.ts';
import { type Ask, evolveAsks } from './asks.ts';
import { evolveSubTransfers, type SubTransfer } from './sub-transfers.ts';

export type FileJournalRecord = Extract<JournalRecord, { fileId: FileId }>;

/** What lies on this device's disk, as last looked at. */
export type Presence =
  | { readonly kind: 'never-seen' }
  | { readonly kind: 'verified'; readonly stamp: Stamp; readonly at: number }
  | {
      readonly kind: 'lacking';
      readonly state: RecordOf<'file-found-lacking'>['state'];
      readonly stamp: Stamp;
      readonly at: number;
    };

/** What tells that a file is still the one that was looked at. */
export type Stamp = Pick<RecordOf<'file-verified'>, 'size' | 'mtimeMs' | 'inode'>;

/** What the journal knows about one announced file. */
export interface FileRecord {
  readonly conversation: ConversationId;
  readonly interaction: CommitId;
  readonly fileId: FileId;
  readonly presence: Presence;
  /** It stood here complete at some time, so losing it is a loss. */
  readonly wasVerified: boolean;
  /** The user's latest word, if any. */
  readonly wish: 'accepted' | 'refused' | 'paused' | 'cancelled' | undefined;
  /** The user asked for it, at some time since it was last thrown away. */
  readonly isAskedFor: boolean;
  /** When it was said, in milliseconds. */
  readonly saidAt: number | undefined;
  /** The bytes were taken away here on purpose, and have not been here since. */
  readonly removed: RecordOf<'file-removed'>['why'] | undefined;
  /** When that last happened, whether or not they came back since. */
  readonly removedAt: number | undefined;
  /** When the user's word last threw away what there was of it, in milliseconds. */
  readonly discardedAt: number | undefined;
  /** Stretches of the temporary file that are flushed and agree with the chunk root. */
  readonly checked: readonly (readonly [start: number, end: number])[];
  /** The latest ask of each device. */
  readonly asks: OrderedMap<DeviceId, Ask>;
  /** Devices that once sent wrong bytes. */
  readonly wrongSources: PersistentSet<DeviceId>;
  /** In the order they began. */
  readonly subTransfers: List<SubTransfer>;
}

export function initialFileRecord({ conversation, interaction, fileId }: FileJournalRecord): FileRecord {
  return {
    conversation,
    interaction,
    fileId,
    presence: { kind: 'never-seen' },
    wasVerified: false,
    wish: undefined,
    isAskedFor: false,
    saidAt: undefined,
    removed: undefined,
    removedAt: undefined,
    discardedAt: undefined,
    checked: [],
    asks: OrderedMap(),
    wrongSources: PersistentSet(),
    subTransfers: List(),
  };
}

export function evolveFileRecord(file: FileRecord, record: FileJournalRecord): FileRecord {
  switch (record.kind) {
    case 'file-verified':
      return {
        ...file,
        presence: { kind: 'verified', stamp: stampOf(record), at: record.at },
        wasVerified: true,
        removed: undefined,
        checked: [],
      };
    case 'file-found-lacking': {
      const { state, at } = record;
      // What is gone altogether has no checked chunks any more either.
      const checked = state === 'missing' ? [] : file.checked;
      return { ...file, presence: { kind: 'lacking', state, stamp: stampOf(record), at }, checked };
    }
    case 'chunks-checked':
      return { ...file, checked: record.ranges };
    case 'file-accepted':
      return {
        ...file,
        ...{ wish: 'accepted', isAskedFor: true, saidAt: record.at, removed: undefined },
        asks: evolveAsks(file.asks, record),
      };
    case 'file-refused':
      return thrownAway({ ...file, wish: 'refused' }, record);
    case 'file-paused':
      return { ...file, wish: 'paused', saidAt: record.at, asks: evolveAsks(file.asks, record) };
    case 'file-cancelled':
      return thrownAway({ ...file, wish: 'cancelled' }, record);
    case 'file-removed':
      return { ...file, presence: { kind: 'never-seen' }, removed: record.why, removedAt: record.at, checked: [] };
    case 'file-requested':
    case 'request-declined':
      return { ...file, asks: evolveAsks(file.asks, record) };
    case 'file-offered':
      return { ...file, asks: evolveAsks(file.asks, record) };
    case 'sub-transfer-offered':
    case 'offer-answered':
      return { ...file, subTransfers: evolveSubTransfers(file.subTransfers, record) };
    case 'sub-transfer-started':
    case 'sub-transfer-progressed':
      return {
        ...file,
        asks: evolveAsks(file.asks, record),
        subTransfers: evolveSubTransfers(file.subTransfers, record),
      };
    case 'sub-transfer-ended':
      return {
        ...file,
        asks: evolveAsks(file.asks, record),
        subTransfers: evolveSubTransfers(file.subTransfers, record),
        wrongSources: isWrongSource(record) ? file.wrongSources.add(record.peer) : file.wrongSources,
      };
    default:
      return never(record);
  }
}

function thrownAway(file: FileRecord, record: RecordOf<'file-refused' | 'file-cancelled'>): FileRecord {
  // What stands here complete stays, and stays what the user asked for.
  const isAskedFor = file.isAskedFor && file.presence.kind === 'verified';
  const { at } = record;
  return { ...file, isAskedFor, saidAt: at, discardedAt: at, checked: [], asks: evolveAsks(file.asks, record) };
}

const WRONG_BYTES: ReadonlySet<RecordOf<'sub-transfer-ended'>['outcome']> = new Set([
  'wrong-digest',
  'wrong-size',
  'wrong-chunk',
]);

function isWrongSource({ direction, outcome }: RecordOf<'sub-transfer-ended'>): boolean {
  return direction === 'receiving' && WRONG_BYTES.has(outcome);
}

function stampOf({ size, mtimeMs, inode }: RecordOf<'file-verified' | 'file-found-lacking'>): Stamp {
  return { size, mtimeMs, inode };
}
