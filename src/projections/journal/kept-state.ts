/**
 * The journal's fold as plain data, in pieces of bounded length, and back. Whoever changes what records are folded into
 * changes `JOURNAL_STATE_VERSION` as well: a test has a fingerprint of it.
 */
import { List, OrderedMap, Map as PersistentMap, Set as PersistentSet } from 'immutable';
import type { ConversationId, DeviceId } from '../../ids.ts';
import { never } from '../../never.ts';
import { CommitIdSet } from '../commit-id-set.ts';
import type { FileRecord } from './file-record.ts';
import type { HoldingSet } from './holding-set.ts';
import { initialJournalState, type JournalState } from './journal-state.ts';

/** Changes whenever the same records give another state than before, or a piece is written otherwise. */
export const JOURNAL_STATE_VERSION = 5;

const FILES_IN_PIECE = 250;
const IDS_IN_PIECE = 10_000;

/** Values that a structured clone keeps. */
export type StatePiece =
  | { readonly piece: 'files'; readonly files: readonly KeptFile[] }
  | { readonly piece: 'admitted'; readonly conversation: ConversationId; readonly ids: Uint8Array }
  | {
      readonly piece: 'holdings';
      readonly conversation: ConversationId;
      readonly device: DeviceId;
      readonly set: KeptSet;
    }
  | ({ readonly piece: 'rest' } & KeptRest);

type KeptFile = ReturnType<typeof keptFile>;
type KeptSet = ReturnType<typeof keptSet>;
type KeptRest = ReturnType<typeof keptRest>;

/** All of a state. What comes of it while it is being taken apart makes no difference: states do not change. */
export function* piecesOf(state: JournalState): Generator<StatePiece> {
  for (const files of inGroups(state.files.values(), FILES_IN_PIECE))
    yield { piece: 'files', files: files.map(keptFile) };
  for (const [conversation, ids] of state.admitted)
    for (let start = 0; start < ids.size; start += IDS_IN_PIECE)
      yield { piece: 'admitted', conversation, ids: ids.bytes(start, start + IDS_IN_PIECE) };
  for (const [conversation, devices] of state.holdings)
    for (const [device, set] of devices) yield { piece: 'holdings', conversation, device, set: keptSet(set) };
  yield { piece: 'rest', ...keptRest(state) };
}

/** The state that pieces came from, in their order. */
export function stateFrom(pieces: Iterable<StatePiece>): JournalState {
  let state = initialJournalState;
  for (const piece of pieces) state = withPiece(state, piece);
  return state;
}

/** One piece more, of those that `initialJournalState` begins. */
export function withPiece(state: JournalState, piece: StatePiece): JournalState {
  switch (piece.piece) {
    case 'files':
      return { ...state, files: state.files.concat(piece.files.map((file) => [file.interaction, fileFrom(file)])) };
    case 'admitted': {
      const ids = state.admitted.get(piece.conversation, CommitIdSet.empty).addBytes(Buffer.from(piece.ids));
      return { ...state, admitted: state.admitted.set(piece.conversation, ids) };
    }
    case 'holdings': {
      const { has, lacks, recent, hasToldAll } = piece.set;
      const set: HoldingSet = { has, lacks, hasToldAll, recent: PersistentMap(recent) };
      return { ...state, holdings: state.holdings.setIn([piece.conversation, piece.device], set) };
    }
    case 'rest':
      return { ...state, ...restFrom(piece) };
    default:
      return never(piece);
  }
}

function keptFile({ asks, wrongSources, subTransfers, ...plain }: FileRecord) {
  return { ...plain, asks: [...asks], wrongSources: [...wrongSources], subTransfers: [...subTransfers] };
}

function fileFrom({ asks, wrongSources, subTransfers, ...plain }: KeptFile): FileRecord {
  return {
    ...plain,
    asks: OrderedMap(asks),
    wrongSources: PersistentSet(wrongSources),
    subTransfers: List(subTransfers),
  };
}

function keptSet({ recent, ...plain }: HoldingSet) {
  return { ...plain, recent: [...recent] };
}

function keptRest({ invitations, held, rests, fullDisk, quarantine, told, revoked, bans, seen }: JournalState) {
  return {
    invitations: [...invitations],
    held: { total: held.total, byConversation: [...held.byConversation] },
    rests: [...rests],
    fullDisk,
    quarantine: {
      heads: [...quarantine.heads].map(([head, refusals]) => [head, [...refusals]] as const),
      rests: [...quarantine.rests],
    },
    told: [...told],
    revoked: [...revoked].map(([account, devices]) => [account, [...devices]] as const),
    bans: [...bans],
    seen: [...seen].map(([account, devices]) => [account, [...devices]] as const),
  };
}

function restFrom({ invitations, held, rests, fullDisk, quarantine, told, revoked, bans, seen }: KeptRest) {
  return {
    invitations: OrderedMap(invitations),
    held: { total: held.total, byConversation: PersistentMap(held.byConversation) },
    rests: PersistentMap(rests),
    fullDisk,
    quarantine: {
      heads: PersistentMap(quarantine.heads.map(([head, refusals]) => [head, List(refusals)])),
      rests: PersistentMap(quarantine.rests),
    },
    told: OrderedMap(told),
    revoked: PersistentMap(revoked.map(([account, devices]) => [account, PersistentSet(devices)])),
    bans: PersistentMap(bans),
    seen: PersistentMap(seen.map(([account, devices]) => [account, PersistentSet(devices)])),
  };
}

function* inGroups<Value>(values: Iterable<Value>, size: number): Generator<readonly Value[]> {
  let group: Value[] = [];
  for (const value of values) {
    group.push(value);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
