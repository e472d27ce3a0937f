import type { Range } from '../../ranges.ts';
import { type Ranges, sizeOf, withoutRange } from '../../ranges.ts';

/** What a receiver has asked for and was not given yet, in its order. */
export interface RangeQueue {
  add(ranges: Ranges): void;
  /** What is still in the queue of these leaves it. */
  skip(ranges: Ranges): void;
  /** Takes the next bytes out: `length` at most, ending at a multiple of it where they can. Undefined when nothing is left. */
  next(length: number): Range | undefined;
  /** Ranges that wait. */
  count(): number;
  /** Bytes in them. */
  bytes(): number;
}

export function createRangeQueue(): RangeQueue {
  let waiting: Range[] = [];
  return {
    add: (ranges) => void waiting.push(...ranges),
    skip(ranges) {
      waiting = waiting.flatMap((one) => ranges.reduce<Ranges>(withoutRange, [one]));
    },
    next(length) {
      const [first] = waiting;
      if (!first) return undefined;
      const [start, end] = first;
      const border = Math.min(end, start - (start % length) + length);
      if (border < end) waiting[0] = [border, end];
      else waiting.shift();
      return [start, border];
    },
    count: () => waiting.length,
    bytes: () => sizeOf(waiting),
  };
}
