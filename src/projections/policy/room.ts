/** How much room there is for files, by the quota and on the disk. */
import { DISK_RESERVE_BYTES } from '../../limits.ts';
import { claimOf, heldIn, withClaim } from '../held-bytes.ts';
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

/** Undefined when the file fits into the quotas. What is here of it, or under way, is not counted twice. */
export function quotaShortage(policy: Policy, subject: Subject & { readonly room: Room }): Shortage | undefined {
  const { conversation, room } = subject;
  const needed = neededBy(subject).held;
  if (needed === 0) return undefined;
  const limits = [
    { of: 'conversation', bytes: heldIn(room.held, conversation), limit: quotaOf(policy, conversation) },
    { of: 'total', bytes: room.held.total, limit: policy.quota?.total },
  ] as const;
  for (const { of, bytes, limit } of limits) {
    if (limit !== undefined && bytes + needed > limit) return { of, bytes, limit, room: Math.max(0, limit - bytes) };
  }
  return undefined;
}

/** Undefined when the disk keeps its reserve once the file, and all that is under way, has arrived. */
export function diskShortage(policy: Policy, subject: Subject & { readonly room: Room }): Shortage | undefined {
  const { held, free } = subject.room;
  if (free === undefined) return undefined;
  const limit = policy.reserve ?? DISK_RESERVE_BYTES;
  const left = free - held.coming - limit;
  const needed = neededBy(subject).coming;
  return needed > Math.max(0, left) ? { of: 'disk', bytes: free, limit, room: Math.max(0, left) } : undefined;
}

/** What is left once a file of so many bytes is under way. */
export function roomAfter(room: Room, subject: Pick<Subject, 'conversation' | 'file' | 'record'>): Room {
  return { ...room, held: withClaim(room.held, subject.conversation, neededBy(subject)) };
}

/** Beyond what the file takes up, and has coming, as things stand. */
export function neededBy({ file, record }: Pick<Subject, 'file' | 'record'>): { held: number; coming: number } {
  const claim = claimOf(record);
  const here = claim.held - claim.coming;
  return {
    held: Math.max(0, file.totalSize - claim.held),
    coming: Math.max(0, file.totalSize - here - claim.coming),
  };
}
