import { describe, expect, it } from 'vitest';
import { createPlaces } from '../../src/places.ts';

const isTaken = (leave: (() => void) | undefined) => leave !== undefined;

describe('places', () => {
  it('are so many in all', () => {
    const places = createPlaces({ inAll: 2, each: 2 });
    expect(['a', 'b', 'c'].map((who) => isTaken(places.take(who)))).toEqual([true, true, false]);
  });

  it('are so many for each', () => {
    const places = createPlaces({ inAll: 10, each: 2 });
    expect(['a', 'a', 'a', 'b'].map((who) => isTaken(places.take(who)))).toEqual([true, true, false, true]);
  });

  it('are free again when they are given back, once, however often that is said', () => {
    const places = createPlaces({ inAll: 2, each: 1 });
    const leave = places.take('a');
    expect(isTaken(places.take('a'))).toBe(false);
    leave?.();
    leave?.();
    expect(['a', 'b', 'c'].map((who) => isTaken(places.take(who)))).toEqual([true, true, false]);
  });

  it('for those who cannot be told apart are bounded in all only', () => {
    const places = createPlaces({ inAll: 3, each: 1 });
    expect([1, 2, 3, 4].map(() => isTaken(places.take(undefined)))).toEqual([true, true, true, false]);
  });
});
