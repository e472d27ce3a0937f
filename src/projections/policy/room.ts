/** How much room there is for files, by the quota and on the disk. */
import type { ConversationId } from '../../ids.ts';
import { DISK_RESERVE_BYTES } from '../../limits.ts';
import { lackingOf } from '../plan/claims.ts';
import { type Policy, quotaOf } from './policy.ts';
import type { Room, Subject } from './subject.ts';

/** What keeps a file from fitting. */
export interface Shortage {
  readonly of: 'conversation' | 'total' | 'disk';
  /** Bytes in use, of the quota; bytes still free, of the disk. */
  readonly bytes: number;
  /** The quota, or the reserve, in bytes. */
  readonly limit: number;
  /** More bytes than these cannot be taken up now. */
  readonly room: number;
}

/** Undefined when the file fits into the quotas. What is here of it, or has its room already, is not counted twice. */
export function quotaShortage(policy: Policy, subject: Subject & { readonly room: Room }): Shortage | undefined {
  const { conversation, room } = subject;
  const needed = neededBy(subject, room);
  if (needed === 0) return undefined;
  const limits = [
    { of: 'conversation', bytes: takenIn(room, conversation), limit: quotaOf(policy, conversation) },
    { of: 'total', bytes: taken(room), limit: policy.quota?.total },
  ] as const;
  for (const { of, bytes, limit } of limits) {
    if (limit !== undefined && bytes + needed > limit) return { of, bytes, limit, room: Math.max(0, limit - bytes) };
  }
  return undefined;
}

/**
 * Undefined when the disk keeps its reserve once the file, and all that is under way, has arrived. On a disk that is below
 * it already, what has its room gets no more bytes either.
 */
export function diskShortage(policy: Policy, subject: Subject & { readonly room: Room }): Shortage | undefined {
  const { free } = subject.room;
  if (free === undefined) return undefined;
  const limit = reserveOf(policy);
  const left = Math.max(0, free - subject.room.claims.total - limit);
  const needed = isBelowReserve(policy, subject.room) ? lackingOf(subject) : neededBy(subject, subject.room);
  return needed > left ? { of: 'disk', bytes: free, limit, room: left } : undefined;
}

/** What is under way is being stopped, and has no use for further devices. */
export function isBelowReserve(policy: Policy, { free }: Pick<Room, 'free'>): boolean {
  return free !== undefined && free < reserveOf(policy);
}

function reserveOf({ reserve = DISK_RESERVE_BYTES }: Policy): number {
  return reserve;
}

/** Bytes that files take up, or will once they are here. */
export function taken({ held, claims }: Room): number {
  return held.total + claims.total;
}

/** The same, of one conversation. */
export function takenIn({ held, claims }: Room, conversation: ConversationId): number {
  return held.byConversation.get(conversation, 0) + claims.byConversation.get(conversation, 0);
}

/** Bytes beyond what the file takes up, or has set aside for it, as things stand. */
export function neededBy(subject: Pick<Subject, 'file' | 'record'>, { claims }: Room): number {
  return claims.files.has(subject.file.interaction) ? 0 : lackingOf(subject);
}
