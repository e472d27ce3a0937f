/** Something that costs bytes, wanted in the name of somebody. */
export interface Wish {
  /** Wishes of one name share what one name gets. */
  readonly name: string;
  readonly bytes: number;
}

/** Whose wish is granted next, so that all who keep wishing get the same number of bytes, in however large pieces. */
export interface FairShares<One extends Wish> {
  readonly isEmpty: boolean;
  add(wish: One): void;
  /** Takes back a wish that was not granted. */
  remove(wish: One): void;
  /** The next one, or undefined when nobody wishes anything. */
  shift(): One | undefined;
}

interface Lane<One> {
  /** Where its next wish starts, in bytes. */
  start: number;
  readonly wishes: Set<One>;
}

/**
 * Start-time fair queueing: a wish starts where the granted one before it of the same name ended, or, after a pause, where
 * the latest one that was granted started; the earliest start is granted next. So nobody saves up shares, and nobody loses by
 * wishing for one thing at a time.
 */
export function createFairShares<One extends Wish>(): FairShares<One> {
  const lanes = new Map<string, Lane<One>>();
  let reached = 0;
  let count = 0;

  function nextLane(): Lane<One> | undefined {
    let next: Lane<One> | undefined;
    for (const lane of lanes.values())
      if (lane.wishes.size > 0 && (next === undefined || lane.start < next.start)) next = lane;
    return next;
  }

  /** Of those who wish nothing and would start anew anyway. */
  function forgetIdle(): void {
    for (const [name, { start, wishes }] of lanes) if (wishes.size === 0 && start <= reached) lanes.delete(name);
  }

  return {
    get isEmpty() {
      return count === 0;
    },
    add(wish) {
      const lane = lanes.get(wish.name) ?? { start: 0, wishes: new Set() };
      lanes.set(wish.name, lane);
      if (lane.wishes.size === 0) lane.start = Math.max(lane.start, reached);
      lane.wishes.add(wish);
      count += 1;
    },
    remove(wish) {
      if (lanes.get(wish.name)?.wishes.delete(wish)) count -= 1;
    },
    shift() {
      const lane = nextLane();
      const [wish] = lane?.wishes ?? [];
      if (!lane || !wish) return undefined;
      lane.wishes.delete(wish);
      count -= 1;
      reached = lane.start;
      lane.start += wish.bytes;
      forgetIdle();
      return wish;
    },
  };
}
