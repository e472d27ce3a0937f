import { List, OrderedMap, Set as PersistentSet } from 'immutable';
import type { JournalRecord, RecordOf } from '../events/journal-record.ts';
import type { CommitId, ConversationId, DeviceId, FileId } from '../ids.ts';
import { never } from '../never.ts';
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
  readonly wish: 'accepted' | 'cancelled' | undefined;
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
    asks: OrderedMap(),
    wrongSources: PersistentSet(),
    subTransfers: List(),
  };
}

export function evolveFileRecord(file: FileRecord, record: FileJournalRecord): FileRecord {
  switch (record.kind) {
    case 'file-verified':
      return { ...file, presence: { kind: 'verified', stamp: stampOf(record), at: record.at }, wasVerified: true };
    case 'file-found-lacking': {
      const { state, at } = record;
      return { ...file, presence: { kind: 'lacking', state, stamp: stampOf(record), at } };
    }
    case 'file-accepted':
      return { ...file, wish: 'accepted', asks: evolveAsks(file.asks, record) };
    case 'file-cancelled':
      return { ...file, wish: 'cancelled' };
    case 'file-requested':
    case 'request-declined':
      return { ...file, asks: evolveAsks(file.asks, record) };
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

function isWrongSource({ direction, outcome }: RecordOf<'sub-transfer-ended'>): boolean {
  return direction === 'receiving' && (outcome === 'wrong-digest' || outcome === 'wrong-size');
}

function stampOf({ size, mtimeMs, inode }: RecordOf<'file-verified' | 'file-found-lacking'>): Stamp {
  return { size, mtimeMs, inode };
}
