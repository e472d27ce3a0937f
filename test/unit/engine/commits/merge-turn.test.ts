import { describe, expect, it } from 'vitest';
import { type Divergence, mergeTurn } from '../../../../src/engine/commits/merge-turn.ts';
import {
  MERGE_TURN_MAX_MS,
  MERGE_TURN_MS,
  MERGE_TURN_ROUND_TRIPS,
  MERGES_DRAWN,
  MERGES_STACKED,
} from '../../../../src/limits.ts';
import { createSeededRandom } from '../../../simulator/random.ts';
import { person } from '../../../support/engine/live-conversations.ts';

const [first, second, third] = [1, 2, 3].map((number) => person(number).device).toSorted();
const random = createSeededRandom(1);
const near = (device = second) => ({ device: device ?? person(9).device, roundTripMs: 1 });

function turn(divergence: Partial<Divergence>) {
  const self = divergence.self ?? first ?? person(9).device;
  return mergeTurn({ self, others: [], stacked: 0, place: 0, ...divergence }, random);
}

describe('whose turn it is to merge', () => {
  it('is that of the smallest id, at once', () => {
    expect(turn({ others: [near(second), near(third)] })).toEqual({ leader: first, wait: 0 });
  });

  it('is waited for by the others, longer for each layer of merges of merges', () => {
    const waits = [0, 2, 3].map(
      (stacked) => turn({ ...(second && { self: second }), others: [near(first)], stacked }).wait,
    );
    for (const [place, wait] of waits.entries()) {
      const whole = MERGE_TURN_MS * 2 ** place;
      expect(wait).toBeGreaterThanOrEqual(whole);
      expect(wait).toBeLessThan(3 * whole);
    }
  });

  it('is drawn by the smallest id as well, where merges lie on merges', () => {
    const waits = Array.from({ length: 20 }, () => turn({ others: [near(second)], stacked: 3 }).wait);
    expect(new Set(waits).size).toBeGreaterThan(1);
    expect(Math.max(...waits)).toBeLessThan(4 * MERGE_TURN_MS);
  });

  it.each([
    ['far', 1000, MERGE_TURN_ROUND_TRIPS * 1000],
    ['so far that nobody would wait', 60_000, MERGE_TURN_MAX_MS],
  ])('is waited for as long as hearing of it takes, of a device that is %s', (_, roundTripMs, whole) => {
    const others = [{ ...near(first), roundTripMs }];
    const { wait } = turn({ ...(second && { self: second }), others });
    expect(wait).toBeGreaterThanOrEqual(whole);
    expect(wait).toBeLessThan(3 * whole);
  });

  it('comes at a time of its own for each device, when dice have not settled it', () => {
    const layers = Array.from({ length: MERGES_STACKED - MERGES_DRAWN }, (_, layer) => MERGES_DRAWN + 1 + layer);
    const times = Array.from({ length: 16 }, (_, place) => place).flatMap((place) =>
      layers.map((stacked) => ({ place, stacked, wait: turn({ place, stacked }).wait })),
    );
    const tooClose = times.flatMap((one) => {
      const unit = (other: typeof one) => MERGE_TURN_MS * 2 ** (Math.min(one.stacked, other.stacked) - 1);
      return times.filter((other) => one.place < other.place && Math.abs(one.wait - other.wait) < unit(other));
    });
    expect(tooClose).toEqual([]);
  });
});
