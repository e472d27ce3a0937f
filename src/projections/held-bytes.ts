import { Map as PersistentMap } from 'immutable';
import type { ConversationId } from '../ids.ts';
import type { FileRecord } from './file-record.ts';
import { isOpen, type SubTransfer } from './sub-transfers.ts';

/**
 * The bytes that files take up on this device, as its journal tells: what quotas count.
 * Invariant: the sums of `claimOf` over all files.
 */
export interface HeldBytes {
  /** Complete files, parts, and the whole of what is under way. */
  readonly total: number;
  /** Of these, bytes that are under way and not here yet. */
  readonly coming: number;
  readonly byConversation: PersistentMap<ConversationId, number>;
}

export const nothingHeld: HeldBytes = { total: 0, coming: 0, byConversation: PersistentMap() };

export interface Claim {
  readonly held: number;
  readonly coming: number;
}

const NO_CLAIM: Claim = { held: 0, coming: 0 };

/** The sums once one file's record has changed. */
export function evolveHeld(held: HeldBytes, before: FileRecord | undefined, after: FileRecord): HeldBytes {
  const [was, is] = [claimOf(before), claimOf(after)];
  return withClaim(held, after.conversation, { held: is.held - was.held, coming: is.coming - was.coming });
}

export function withClaim(all: HeldBytes, conversation: ConversationId, { held, coming }: Claim): HeldBytes {
  if (held === 0 && coming === 0) return all;
  return {
    total: all.total + held,
    coming: all.coming + coming,
    byConversation: all.byConversation.update(conversation, 0, (bytes) => bytes + held),
  };
}

export function heldIn({ byConversation }: HeldBytes, conversation: ConversationId): number {
  return byConversation.get(conversation, 0);
}

/** What one file takes up. While it is under way it claims its whole size, so that what is asked for next cannot take its room. */
export function claimOf(record: FileRecord | undefined): Claim {
  if (!record) return NO_CLAIM;
  if (record.presence.kind === 'verified') return { held: record.presence.stamp.size, coming: 0 };
  const here = bytesHere(record);
  const whole = isUnderWay(record) ? Math.max(here, record.announcedSize ?? 0) : here;
  return { held: whole, coming: whole - here };
}

function isUnderWay({ subTransfers, asks }: FileRecord): boolean {
  return (
    subTransfers.some((sub) => isReceiving(sub) && isOpen(sub)) ||
    asks.some(({ outcome }) => outcome.kind === 'waiting' || outcome.kind === 'sending')
  );
}

/** Of a file that is not complete: what its parts take up. */
function bytesHere({ presence, checked, removedAt = 0, subTransfers }: FileRecord): number {
  const found = presence.kind === 'lacking' ? presence : undefined;
  const last = subTransfers.findLast(isReceiving);
  if (!last || Math.max(found?.at ?? 0, removedAt) >= last.lastAt) return found?.stamp.size ?? 0;
  if (checked.length > 0) return checked.reduce((sum, [start, end]) => sum + end - start, 0);
  if (last.phase === 'cancelled' || (last.phase === 'failed' && THROWN_AWAY.has(last.failure))) return 0;
  return last.bytes;
}

/** Failures after which nothing is kept. */
const THROWN_AWAY: ReadonlySet<string> = new Set(['wrong-size', 'wrong-digest']);

function isReceiving({ direction }: SubTransfer): boolean {
  return direction === 'receiving';
}
