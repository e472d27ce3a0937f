/** Chance from a seed: the same seed draws the same. */
export interface Draw {
  /** A whole number in `[0, limit)`. */
  below(limit: number): number;
  /** True once in so many times. */
  oneIn(times: number): boolean;
  pick<Value>(list: readonly Value[]): Value;
  bytes(count: number): Uint8Array;
}

/** Xorshift with 32 bits: plenty for choosing where to break something. */
export function createDraw(seed: number): Draw {
  // Neighbouring seeds must not begin alike, and zero would stay zero.
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  function next(): number {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  }
  for (let warmUp = 0; warmUp < 8; warmUp++) next();
  const below = (limit: number) => next() % Math.max(1, limit);
  return {
    below,
    oneIn: (times) => below(times) === 0,
    pick<Value>(list: readonly Value[]): Value {
      if (list.length === 0) throw new TypeError('there is nothing to pick from');
      return list[below(list.length)] as Value;
    },
    bytes: (count) => Uint8Array.from({ length: count }, () => below(256)),
  };
}
