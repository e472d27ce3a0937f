import type { AccountUri, ConversationId } from '../../ids.ts';
import { announcedFiles, type FileAnnouncement, type FilesState } from '../files.ts';
import type { FileRecord } from '../journal/file-record.ts';
import { heldBy } from '../journal/holdings.ts';
import type { JournalState } from '../journal/journal-state.ts';
import { isOpen } from '../journal/sub-transfers.ts';
import { type Policy, quotaOf } from './policy.ts';
import { neededBy, taken, takenIn } from './room.ts';
import type { Room } from './subject.ts';
import { type Holder, isCloserToKeeping } from './who-keeps.ts';

export interface EvictionInput {
  readonly policy: Policy;
  readonly journal: JournalState;
  readonly room: Room;
  readonly self: Holder;
  readonly conversations: readonly {
    readonly conversation: ConversationId;
    readonly files: FilesState;
    /** The other devices of members that can still be asked: a revoked one keeps nothing for anybody. */
    readonly others: readonly Holder[];
  }[];
  /** The file that is to get room. */
  readonly wanted: { readonly conversation: ConversationId; readonly file: FileAnnouncement };
}

export interface Eviction {
  readonly conversation: ConversationId;
  readonly file: FileAnnouncement;
}

/**
 * Which complete files to remove here so that the wanted one fits into the quotas: the least valuable first, and no more
 * than it takes. None when they would not be enough, or when it fits anyway.
 *
 * Invariant: each is known to be held by another device that is closer to keeping it, by that device's own word, unless
 * the policy says that this does not matter, or its message was deleted. A wanted file that nobody asked for takes the
 * place only of such as came by themselves, or were deleted.
 */
export function evictions(input: EvictionInput): readonly Eviction[] {
  const { policy, journal, room, wanted } = input;
  const record = journal.files.get(wanted.file.interaction);
  const needed = neededBy({ file: wanted.file, record }, room);
  const inConversation = takenIn(room, wanted.conversation) + needed;
  const tooMuch: TooMuch = {
    here: Math.max(0, inConversation - (quotaOf(policy, wanted.conversation) ?? inConversation)),
    total: Math.max(0, taken(room) + needed - (policy.quota?.total ?? Number.POSITIVE_INFINITY)),
  };
  const candidates = candidatesOf(input).sort(compareCandidates);
  const chosen = choose(candidates, tooMuch);
  // What was taken first may not be needed any more: the most valuable are given back first.
  return chosen.reduceRight<readonly Candidate[]>((kept, one) => {
    const without = kept.filter((other) => other !== one);
    return isEnough(without, tooMuch) ? without : kept;
  }, chosen);
}

/** Bytes that have to go: from the conversation, and in all. */
interface TooMuch {
  readonly here: number;
  readonly total: number;
}

interface Candidate extends Eviction {
  readonly bytes: number;
  /** It counts against the quota of the wanted file's conversation. */
  readonly isHere: boolean;
  /** The least valuable is 0. */
  readonly rank: number;
  /** When it was last got, or given to somebody; milliseconds since the Unix epoch. */
  readonly usedAt: number;
}

function choose(sorted: readonly Candidate[], tooMuch: TooMuch): readonly Candidate[] {
  const chosen: Candidate[] = [];
  for (const candidate of sorted) {
    if (isEnough(chosen, tooMuch)) break;
    const isOfUse = candidate.isHere || sumOf(chosen) < tooMuch.total;
    if (isOfUse) chosen.push(candidate);
  }
  return isEnough(chosen, tooMuch) ? chosen : [];
}

function isEnough(chosen: readonly Candidate[], { here, total }: TooMuch): boolean {
  return sumOf(chosen.filter(({ isHere }) => isHere)) >= here && sumOf(chosen) >= total;
}

function sumOf(chosen: readonly Candidate[]): number {
  return chosen.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Why a complete file stays, though another one wants its room. */
export type Staying =
  /** It is being got by somebody, or is about to be. */
  | 'in-use'
  /** It was asked for, or sent, and the wanted one was not asked for. */
  | 'worth-more'
  /** No other device that is closer to keeping it is known to hold it. */
  | 'last-copy';

/** How many of the complete files stay, and why; those that could go are not counted. */
export function stayingFiles(input: EvictionInput): ReadonlyMap<Staying, number> {
  const counts = new Map<Staying, number>();
  for (const { stays } of completeFiles(input)) if (stays) counts.set(stays, (counts.get(stays) ?? 0) + 1);
  return counts;
}

function candidatesOf(input: EvictionInput): Candidate[] {
  return [...completeFiles(input)].flatMap(({ candidate, stays }) => (stays ? [] : [candidate]));
}

interface CompleteFile {
  readonly candidate: Candidate;
  /** Absent when it may go. */
  readonly stays: Staying | undefined;
}

function* completeFiles(input: EvictionInput): Generator<CompleteFile> {
  const { journal, self, wanted } = input;
  for (const { conversation, files, others } of input.conversations) {
    for (const file of announcedFiles(files)) {
      const record = journal.files.get(file.interaction);
      if (record?.presence.kind !== 'verified') continue;
      const rank = rankOf(file, record, self.account);
      const isHere = conversation === wanted.conversation;
      const bytes = record.presence.stamp.size;
      const candidate = { conversation, file, bytes, isHere, rank, usedAt: usedAt(record) };
      yield { candidate, stays: whyItStays({ conversation, file, others, rank, record }, input) };
    }
  }
}

interface Judged extends Eviction {
  readonly others: readonly Holder[];
  readonly rank: number;
  readonly record: FileRecord;
}

function whyItStays(judged: Judged, input: EvictionInput): Staying | undefined {
  if (isInUse(judged.record)) return 'in-use';
  const isAskedFor = input.journal.files.get(input.wanted.file.interaction)?.isAskedFor ?? false;
  if (judged.rank > RANKS.cameByItself && !isAskedFor) return 'worth-more';
  return mayGo(judged, input) ? undefined : 'last-copy';
}

function mayGo(
  { conversation, file, others }: Eviction & { readonly others: readonly Holder[] },
  { policy, journal, self }: EvictionInput,
): boolean {
  if (file.isDeleted || policy.mayEvictLastCopy) return true;
  const { interaction } = file;
  return others.some(
    (other) =>
      isCloserToKeeping(other, self, file) &&
      heldBy(journal.holdings, { conversation, interaction, device: other.device }) === 'has',
  );
}

/** Somebody is getting it, or is to get it. */
function isInUse({ subTransfers }: FileRecord): boolean {
  return subTransfers.some(isOpen);
}

/** In the order in which they go. */
const RANKS = { deleted: 0, cameByItself: 1, askedFor: 2, sent: 3 } as const;

function rankOf(file: FileAnnouncement, { isAskedFor }: FileRecord, account: AccountUri): number {
  if (file.isDeleted) return RANKS.deleted;
  if (file.author === account) return RANKS.sent;
  return isAskedFor ? RANKS.askedFor : RANKS.cameByItself;
}

function usedAt({ presence, subTransfers }: FileRecord): number {
  const gotAt = presence.kind === 'verified' ? presence.at : 0;
  return subTransfers.reduce((latest, { lastAt }) => Math.max(latest, lastAt), gotAt);
}

function compareCandidates(a: Candidate, b: Candidate): number {
  return a.rank - b.rank || a.usedAt - b.usedAt || (a.file.interaction < b.file.interaction ? -1 : 1);
}
