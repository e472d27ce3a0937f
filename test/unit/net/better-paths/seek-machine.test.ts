import { describe, expect, it } from 'vitest';
import { BETTER_PATH_FIRST_MS, BETTER_PATH_MAX_MS } from '../../../../src/limits.ts';
import { type SeekEffect, type SeekInput, seekState, step } from '../../../../src/net/better-paths/seek-machine.ts';
import { PATH_KINDS } from '../../../../src/net/net.ts';

/** The effects of the last of the inputs. */
function given(...inputs: SeekInput[]): readonly SeekEffect[] {
  let state = seekState(PATH_KINDS);
  let last: readonly SeekEffect[] = [];
  for (const input of inputs) ({ state, effects: last } = step(state, input));
  return last;
}

const OVER_RELAY: SeekInput = { kind: 'serves', path: 'tcp-relay' };
const DUE: SeekInput = { kind: 'due' };
const TRIED: SeekInput = { kind: 'tried' };
const HINT: SeekInput = { kind: 'hint' };
const tryDirect: SeekEffect = { kind: 'try', paths: ['tcp', 'ice-tcp', 'udp'] };

describe('looking for a better path', () => {
  it('leaves a link alone that travels on the best kind', () => {
    for (const path of ['tcp', 'ice-tcp'] as const) {
      expect(given({ kind: 'serves', path })).toEqual([]);
      expect(given({ kind: 'serves', path }, HINT)).toEqual([]);
    }
  });

  it('waits a while, and then tries what is better and nothing else', () => {
    expect(given(OVER_RELAY)).toEqual([{ kind: 'wake-after', ms: BETTER_PATH_FIRST_MS }]);
    expect(given(OVER_RELAY, DUE)).toEqual([tryDirect]);
    expect(given({ kind: 'serves', path: 'udp' }, DUE)).toEqual([{ kind: 'try', paths: ['tcp', 'ice-tcp'] }]);
  });

  it('waits twice as long after each try in vain, up to the longest wait', () => {
    const tries = (count: number) => Array.from({ length: count }, () => [DUE, TRIED]).flat();
    expect(given(OVER_RELAY, ...tries(1))).toEqual([{ kind: 'wake-after', ms: 2 * BETTER_PATH_FIRST_MS }]);
    expect(given(OVER_RELAY, ...tries(2))).toEqual([{ kind: 'wake-after', ms: 4 * BETTER_PATH_FIRST_MS }]);
    expect(given(OVER_RELAY, ...tries(99))).toEqual([{ kind: 'wake-after', ms: BETTER_PATH_MAX_MS }]);
  });

  it('tries one at a time, at once when something changed', () => {
    expect(given(OVER_RELAY, HINT)).toEqual([tryDirect]);
    expect(given(OVER_RELAY, HINT, HINT)).toEqual([]);
    expect(given(OVER_RELAY, HINT, DUE)).toEqual([]);
  });

  it('goes on from where the link has got to', () => {
    expect(given(OVER_RELAY, DUE, { kind: 'serves', path: 'tcp' }, TRIED)).toEqual([]);
    expect(given(OVER_RELAY, DUE, { kind: 'serves', path: 'udp' }, TRIED, DUE)).toEqual([
      { kind: 'try', paths: ['tcp', 'ice-tcp'] },
    ]);
  });
});
