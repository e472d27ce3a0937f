import type { CommitId, DeviceId } from '../../ids.ts';

/** Heads that others are to merge with ours, and the devices that have them, should the others not do it. */
export interface HeadsLeft {
  /** Notes that all these stand for what the device has. Returns how to take them back, which tells who has them by then. */
  add(heads: readonly CommitId[], holder: DeviceId): () => Iterable<DeviceId>;
  /** When the head was left, notes that this device has it as well: true then. */
  isAlsoAt(head: CommitId, holder: DeviceId): boolean;
}

export function createHeadsLeft(): HeadsLeft {
  const holders = new Map<CommitId, Set<DeviceId>>();
  return {
    add(heads, holder) {
      const own = new Set([holder]);
      for (const head of heads) holders.set(head, own);
      return () => {
        for (const head of heads) if (holders.get(head) === own) holders.delete(head);
        return own;
      };
    },
    isAlsoAt: (head, holder) => holders.get(head)?.add(holder) !== undefined,
  };
}
