import type { CommitId, DeviceId } from '../../ids.ts';
import { HEADS_WAITING } from '../../limits.ts';

/** A head that a device has and we have not. */
export interface WantedHead {
  readonly from: DeviceId;
  readonly commit: CommitId;
  /** Pulls of it that failed. */
  readonly inVain: number;
  /** Whether others are waited for when it has to be merged: `mergeTurn`. */
  readonly merging: 'in-turn' | 'at-once';
}

/** Heads that wait for the end of a pull from the same device, of which the newest may not be forgotten: nobody tells of it again. */
export interface HeadsWanted {
  note(key: string, head: WantedHead): void;
  /** The newest of those that are still lacking, which stands for all of them; undefined when there is none. None waits afterwards. */
  take(key: string, isLacking: (head: WantedHead) => boolean): WantedHead | undefined;
}

export function createHeadsWanted(): HeadsWanted {
  const waiting = new Map<string, readonly WantedHead[]>();
  return {
    note(key, head) {
      const others = waiting.get(key) ?? [];
      // A head whose merge others were given time for is older than what the device told of meanwhile.
      const all = head.merging === 'at-once' ? [head, ...others] : [...others, head];
      // The newest has all that the device has, and the first says whether a merge is due.
      waiting.set(key, all.length > HEADS_WAITING ? all.toSpliced(1, 1) : all);
    },
    take(key, isLacking) {
      const lacking = (waiting.get(key) ?? []).filter(isLacking);
      waiting.delete(key);
      const newest = lacking.at(-1);
      if (!newest) return undefined;
      const isDue = lacking.some(({ merging }) => merging === 'at-once');
      return { ...newest, merging: isDue ? 'at-once' : 'in-turn' };
    },
  };
}
