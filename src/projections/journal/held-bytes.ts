import { Map as PersistentMap } from 'immutable';
import type { ConversationId } from '../../ids.ts';
import type { FileRecord } from './file-record.ts';
import { latestShare, type SubTransfer } from './sub-transfers.ts';

/**
 * The bytes that files take up on this device, complete ones and parts, as its journal tells.
 * Invariant: the sums of `bytesOf` over all files.
 */
export interface HeldBytes {
  readonly total: number;
  readonly byConversation: PersistentMap<ConversationId, number>;
}

export const nothingHeld: HeldBytes = { total: 0, byConversation: PersistentMap() };

/** The sums once one file's record has changed. */
export function evolveHeld(held: HeldBytes, before: FileRecord | undefined, after: FileRecord): HeldBytes {
  const more = bytesOf(after) - bytesOf(before);
  if (more === 0) return held;
  return {
    total: held.total + more,
    byConversation: held.byConversation.update(after.conversation, 0, (bytes) => bytes + more),
  };
}

/** What one file takes up here, as far as the journal can tell. */
export function bytesOf(record: FileRecord | undefined): number {
  if (!record) return 0;
  return record.presence.kind === 'verified' ? record.presence.stamp.size : bytesOfParts(record);
}

function bytesOfParts(record: FileRecord): number {
  const { presence, checked, removedAt = 0, discardedAt = 0, subTransfers } = record;
  const found = presence.kind === 'lacking' && presence.at > discardedAt ? presence : undefined;
  const last = latestShare(subTransfers, isReceiving);
  const isOfOld = !last || last.startedAt <= discardedAt || Math.max(found?.at ?? 0, removedAt) >= last.lastAt;
  if (isOfOld) return found?.stamp.size ?? 0;
  if (checked.length > 0) return checked.reduce((sum, [start, end]) => sum + end - start, 0);
  return last.phase === 'failed' && THROWN_AWAY.has(last.failure) ? 0 : last.bytes;
}

/** Failures after which nothing is kept. */
const THROWN_AWAY: ReadonlySet<string> = new Set(['wrong-size', 'wrong-digest']);

function isReceiving({ direction }: SubTransfer): boolean {
  return direction === 'receiving';
}
