import type { Random } from '../../src/ports.ts';

/** Numbers that follow from a seed alone: the 32-bit counter of a Weyl sequence, mixed (splitmix32). */
export function createSeededRandom(seed: number): Random {
  let counter = seed >>> 0;

  function word(): number {
    counter = (counter + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(counter ^ (counter >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  return {
    below: (limit) => Math.floor((word() / 2 ** 32) * limit),
    bytes: (count) => Uint8Array.from({ length: count }, () => word() & 0xff),
  };
}
