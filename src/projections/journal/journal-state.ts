import { OrderedMap, Map as PersistentMap } from 'immutable';
import type { JournalRecord, RecordOf } from '../../events/journal-record.ts';
import type { CommitId, ConversationId } from '../../ids.ts';
import { CommitIdSet } from '../commit-id-set.ts';
import { evolveRevoked, noneRevoked, type Revoked } from '../revoked.ts';
import { evolveSeen, noneSeen, type SeenDevices } from '../seen-devices.ts';
import { evolveFileRecord, type FileJournalRecord, type FileRecord, initialFileRecord } from './file-record.ts';
import { evolveFullDisk, type FullDisk } from './full-disk.ts';
import { evolveHeld, type HeldBytes, nothingHeld } from './held-bytes.ts';
import { evolveHoldings, evolveHoldingsByAnswer, forgetLacking, type Holdings, noHoldings } from './holdings.ts';
import { emptyQuarantine, type Quarantine, quarantined, released } from './quarantine.ts';
import { evolveInvitations, noInvitations, type ReceivedInvitations } from './received-invitations.ts';
import { evolveRests, noRests, type Rests } from './rests.ts';

/** Everything this device remembers beside the log: the fold of its journal. */
export interface JournalState {
  /** By announcing interaction: a commit id names one conversation, as its ancestry is part of it. */
  readonly files: OrderedMap<CommitId, FileRecord>;
  readonly admitted: PersistentMap<ConversationId, CommitIdSet>;
  readonly invitations: ReceivedInvitations;
  /** What files take up here. */
  readonly held: HeldBytes;
  /** What each device said it holds. */
  readonly holdings: Holdings;
  /** Devices that are left alone for a while. */
  readonly rests: Rests;
  /** Undefined when the disk was not full when last written to. */
  readonly fullDisk: FullDisk | undefined;
  /** What was refused, so that it is not fetched again, and by whom it was offered. */
  readonly quarantine: Quarantine;
  /** What own devices say the account takes part in; the latest word on each. */
  readonly told: OrderedMap<ConversationId, RecordOf<'conversation-told'>>;
  /** Devices that their accounts no longer stand behind. */
  readonly revoked: Revoked;
  /** That this account was banned, the latest word of each conversation; it may have been let in again since. */
  readonly bans: PersistentMap<ConversationId, RecordOf<'ban-told'>>;
  /** Devices of members that no log may name. */
  readonly seen: SeenDevices;
}

export const initialJournalState: JournalState = {
  files: OrderedMap(),
  admitted: PersistentMap(),
  invitations: noInvitations,
  held: nothingHeld,
  holdings: noHoldings,
  rests: noRests,
  fullDisk: undefined,
  quarantine: emptyQuarantine,
  told: OrderedMap(),
  revoked: noneRevoked,
  bans: PersistentMap(),
  seen: noneSeen,
};

/** Pure: the same records give the same state, whatever the time or the machine. */
export function evolveJournal(state: JournalState, record: JournalRecord): JournalState {
  switch (record.kind) {
    case 'commit-admitted':
      return admit(state, record);
    case 'batch-refused':
      return { ...state, quarantine: quarantined(state.quarantine, record) };
    case 'invitation-received':
      return { ...state, invitations: evolveInvitations(state.invitations, record) };
    case 'holdings-told':
      return { ...state, holdings: evolveHoldings(state.holdings, record) };
    case 'conversation-told':
      return { ...state, told: state.told.set(record.conversation, record) };
    case 'device-revoked':
      return { ...state, revoked: evolveRevoked(state.revoked, record) };
    case 'ban-told':
      return { ...state, bans: state.bans.set(record.conversation, record) };
    case 'device-seen':
      return { ...state, seen: evolveSeen(state.seen, record) };
    default:
      return withDevices(withFile(state, record), record);
  }
}

/** The same for many records, at a fraction of the price: what a change copies is copied once for all of them. */
export function evolveJournalAll(state: JournalState, records: readonly JournalRecord[]): JournalState {
  const evolved = records.reduce(evolveJournal, { ...state, files: state.files.asMutable() });
  return { ...evolved, files: evolved.files.asImmutable() };
}

/** The file stood here complete when last looked at. */
export function isPresent(state: JournalState, interaction: CommitId): boolean {
  return state.files.get(interaction)?.presence.kind === 'verified';
}

/**
 * The records that close what was under way when the engine ended without saying so.
 * An engine appends them before it starts anything: nothing runs on from before a restart.
 */
export function interruptedRecords(state: JournalState, now: number): readonly JournalRecord[] {
  return [...state.files.values()].flatMap(({ conversation, interaction, fileId, subTransfers, asks }) => {
    const about = { conversation, interaction, fileId, at: now };
    const ran = subTransfers.filter(({ phase }) => phase === 'running');
    const waited = asks.filter(({ outcome }) => outcome.kind === 'waiting');
    return [
      ...ran.map(({ peer, direction, bytes }): JournalRecord => {
        return { kind: 'sub-transfer-ended', ...about, peer, direction, outcome: 'interrupted', bytes };
      }),
      ...[...waited.keys()].map((from): JournalRecord => {
        return { kind: 'request-declined', ...about, from, reason: 'no-answer' };
      }),
    ];
  });
}

function admit(state: JournalState, { conversation, commit }: RecordOf<'commit-admitted'>): JournalState {
  const before = state.admitted.get(conversation, CommitIdSet.empty);
  return {
    ...state,
    admitted: state.admitted.set(conversation, before.add(commit)),
    quarantine: released(state.quarantine, commit),
  };
}

function withFile(state: JournalState, record: FileJournalRecord): JournalState {
  const before = state.files.get(record.interaction);
  const after = evolveFileRecord(before ?? initialFileRecord(record), record);
  return {
    ...state,
    files: state.files.set(record.interaction, after),
    held: evolveHeld(state.held, before, after),
  };
}

/** What a record about a file tells about devices, and about the disk. */
function withDevices(state: JournalState, record: FileJournalRecord): JournalState {
  switch (record.kind) {
    case 'request-declined':
      return {
        ...state,
        rests: evolveRests(state.rests, record),
        holdings:
          record.reason === 'has-not' || record.reason === 'digest-mismatch'
            ? evolveHoldingsByAnswer(state.holdings, { ...record, device: record.from, has: false })
            : state.holdings,
      };
    case 'sub-transfer-started':
      return {
        ...state,
        rests: evolveRests(state.rests, record),
        holdings:
          record.direction === 'receiving'
            ? evolveHoldingsByAnswer(state.holdings, { ...record, device: record.peer, has: true })
            : state.holdings,
      };
    case 'sub-transfer-ended':
      return {
        ...state,
        fullDisk: evolveFullDisk(state.fullDisk, record),
        // Whoever got it from here has it now.
        holdings:
          record.direction === 'serving' && record.outcome === 'complete'
            ? evolveHoldingsByAnswer(state.holdings, { ...record, device: record.peer, has: true })
            : state.holdings,
      };
    case 'file-accepted':
      return {
        ...state,
        rests: evolveRests(state.rests, record),
        fullDisk: evolveFullDisk(state.fullDisk, record),
        holdings: forgetLacking(state.holdings, record),
      };
    case 'file-verified':
    case 'file-removed':
      return { ...state, fullDisk: evolveFullDisk(state.fullDisk, record) };
    default:
      return state;
  }
}
