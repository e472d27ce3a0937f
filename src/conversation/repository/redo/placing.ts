import { setImmediate as breathe } from 'node:timers/promises';
import type { CommitId, ObjectId } from '../../../ids.ts';
import { REF_BEHIND_MS } from '../../../limits.ts';
import { objectIdOf } from '../objects/object-id.ts';
import type { RefLock } from '../ref-lock-adapter.ts';
import type { GitObject } from '../repository.ts';
import type { RedoEntry } from './redo-entry.ts';

export interface PlacingParts {
  /** Throws REF_CONFLICT when somebody else holds the lock or the head is another one, DISK_FULL, FILE_FAILED. */
  lockHead(from: CommitId): Promise<RefLock>;
  /** All of them or none. Throws DISK_FULL, FILE_FAILED. */
  placeObjects(objects: readonly GitObject[]): Promise<void>;
  /** In milliseconds, and never set back. */
  readonly now?: () => number;
}

/** Puts into place what stands in the redo file, while nobody waits for it. Until then it is in memory for whoever reads. */
export interface Placing {
  /** Where the reference will lead; undefined when it does already. */
  head(): CommitId | undefined;
  /** An object that is not in place yet. */
  find(id: ObjectId | CommitId): GitObject | undefined;
  /**
   * Has an entry written down, and the reference locked meanwhile; from then on it counts. `writeDown` resolves to it,
   * or to undefined where it did not do so; true when it did. One at a time. Throws what either throws; then nothing of
   * it comes into place.
   */
  append(from: CommitId, writeDown: (locked: () => Promise<void>) => Promise<RedoEntry | undefined>): Promise<boolean>;
  /** Waits until everything is in place. Throws DISK_FULL, FILE_FAILED; it is tried again the next time. */
  finish(): Promise<void>;
}

/**
 * Invariants:
 * - Nothing comes into place that has not been written down for good.
 * - Objects come into place in the order of their entries, and the reference last.
 * - While something is written down that is not in place, the reference is locked: nobody moves it away from under it.
 * - It moves when nothing else is being written down, and at the latest with the first entry that comes `REF_BEHIND_MS`
 *   after it was locked.
 */
export function createPlacing({ lockHead, placeObjects, now = () => performance.now() }: PlacingParts): Placing {
  const objects = new Map<string, GitObject>();
  const entries: RedoEntry[] = [];
  /** The commit of the last entry. */
  let head: CommitId | undefined;
  let held: { readonly lock: RefLock; readonly at: CommitId; readonly since: number } | undefined;
  /** An entry that is being written down. */
  let writing: Promise<unknown> | undefined;

  async function lockAt(from: CommitId): Promise<void> {
    if (held && now() - held.since >= REF_BEHIND_MS) {
      await place();
      letGo();
    }
    // Where we hold it and the head goes elsewhere, that is a conflict like any other.
    if (!held || (head ?? held.at) !== from) held = { lock: await lockHead(from), at: from, since: now() };
  }

  function take(entry: RedoEntry): void {
    for (const object of entry.objects) objects.set(objectIdOf(object.type, object.bytes), object);
    entries.push(entry);
    head = entry.to;
  }

  const place = shared(async () => {
    // Who waits for it to be written down is told first.
    await breathe();
    for (let [entry] = entries; entry; [entry] = entries) {
      await placeObjects(entry.objects);
      entries.shift();
      for (const { type, bytes } of entry.objects) objects.delete(objectIdOf(type, bytes));
    }
    if (writing === undefined) letGo();
  });

  function letGo(): void {
    if (head === undefined) held?.lock.release();
    else held?.lock.move(head);
    [held, head] = [undefined, undefined];
  }

  // While one entry follows the other at once it does not end, so there is one of it, not one for each entry.
  const finish = shared(async () => {
    while (held) {
      await writing;
      await place();
    }
  });

  return {
    head: () => head,
    find: (id) => objects.get(id),
    async append(from, writeDown) {
      const written = writeDown(() => lockAt(from));
      writing = written.catch(() => {});
      try {
        const entry = await written;
        if (entry) take(entry);
        return entry !== undefined;
      } finally {
        writing = undefined;
        // What the disk does not take now it gets with the next entry, or when somebody waits for it.
        finish().catch(() => {});
      }
    },
    finish,
  };
}

/**
 * Work that is done once for all who ask for it meanwhile. Where it fails, it is done anew for those who joined it: it may have
 * met a disk that has room by now.
 */
function shared(work: () => Promise<void>): () => Promise<void> {
  let underWay: Promise<void> | undefined;
  function begin(): Promise<void> {
    underWay = work().finally(() => {
      underWay = undefined;
    });
    return underWay;
  }
  return async () => {
    const isDone = await underWay?.then(
      () => true,
      () => false,
    );
    if (!isDone) await (underWay ?? begin());
  };
}
