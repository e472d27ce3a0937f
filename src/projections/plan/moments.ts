import { BinaryHeap } from '../../binary-heap.ts';

/** When to look at what again; each thing has one moment at most. Times in milliseconds since the Unix epoch. */
export interface Moments<Key> {
  /** Infinite: at no moment. */
  set(key: Key, at: number): void;
  /** Takes out, and yields, what is due. */
  due(now: number): Generator<Key>;
  /** The next moment; infinite when there is none. */
  next(): number;
}

export function createMoments<Key>(): Moments<Key> {
  const heap = new BinaryHeap<{ readonly key: Key; readonly at: number }>((a, b) => a.at < b.at);
  const moments = new Map<Key, number>();

  /** The earliest that still counts. */
  function first(): { readonly key: Key; readonly at: number } | undefined {
    let entry = heap.peek();
    for (; entry && moments.get(entry.key) !== entry.at; entry = heap.peek()) heap.pop();
    return entry;
  }

  return {
    set(key, at) {
      if (!Number.isFinite(at)) moments.delete(key);
      else if (moments.get(key) !== at) {
        moments.set(key, at);
        heap.push({ key, at });
      }
    },
    *due(now) {
      for (let entry = first(); entry && entry.at <= now; entry = first()) {
        moments.delete(entry.key);
        heap.pop();
        yield entry.key;
      }
    },
    next: () => first()?.at ?? Number.POSITIVE_INFINITY,
  };
}
