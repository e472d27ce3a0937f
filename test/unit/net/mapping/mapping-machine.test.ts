import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAPPING_LIFETIME_MS,
  MAPPING_RENEW_MIN_MS,
  MAPPING_RETRY_FIRST_MS,
  MAPPING_RETRY_MAX_MS,
} from '../../../../src/limits.ts';
import {
  type GotPort,
  MAPPING_START,
  type MappingEffect,
  type MappingInput,
  retryAfter,
  step,
  uselessness,
} from '../../../../src/net/mapping/mapping-machine.ts';

const PORT: GotPort = {
  protocol: 'pcp',
  router: '192.168.1.1',
  internal: { host: '192.168.1.2', port: 4001 },
  external: { host: '11.0.0.11', port: 4001 },
  lifetimeMs: MAPPING_LIFETIME_MS,
};
const NOW = 1_700_000_000_000;

const begin: MappingInput = { kind: 'begin' };
const end: MappingInput = { kind: 'end' };
const due = (now: number): MappingInput => ({ kind: 'due', now });
const got = (attempt: number, port = PORT, now = NOW): MappingInput => ({ kind: 'got', attempt, port, now, draw: 0 });
const failed = (attempt: number, now = NOW): MappingInput => ({ kind: 'failed', attempt, reason: 'no', now, draw: 1 });

function having(...inputs: readonly MappingInput[]) {
  let state = MAPPING_START;
  let effects: readonly MappingEffect[] = [];
  for (const input of inputs) ({ state, effects } = step(state, input));
  return { state, effects };
}

describe('a port on the router', () => {
  it('is asked for at first', () => {
    expect(having(begin).effects).toEqual([{ kind: 'ask', attempt: 1, last: undefined }]);
  });

  it('is open until its time is up, and asked for again at half of it', () => {
    const { state, effects } = having(begin, got(1));
    expect(state.open?.until).toBe(NOW + MAPPING_LIFETIME_MS);
    expect(effects).toEqual([{ kind: 'wake-after', ms: MAPPING_LIFETIME_MS / 2 }]);
    expect(having(begin, got(1), due(NOW + 1)).effects).toEqual([{ kind: 'ask', attempt: 2, last: state.open }]);
  });

  it('is not believed to be open for longer than was asked for', () => {
    const { state } = having(begin, got(1, { ...PORT, lifetimeMs: 1e12 }));
    expect(state.open?.until).toBe(NOW + MAPPING_LIFETIME_MS);
  });

  it('stays open when asking again fails, until its time is up', () => {
    const late = NOW + MAPPING_LIFETIME_MS - 1000;
    const { state, effects } = having(begin, got(1), due(late), failed(2, late));
    expect(state.open).toBeDefined();
    expect(effects).toEqual([{ kind: 'wake-after', ms: 1000 }]);
    expect(having(begin, got(1), due(late), failed(2, late), due(late + 1000)).state.open).toBeUndefined();
  });

  it('is asked for anew when this machine is elsewhere, and counts as closed until then', () => {
    const { state, effects } = having(begin, got(1), begin);
    expect(state.open).toBeUndefined();
    expect(effects).toMatchObject([{ kind: 'ask', attempt: 2 }]);
    expect(having(begin, begin, got(1))).toMatchObject({ state: { open: undefined }, effects: [] });
  });

  it('is given back at the end, also when it comes later than that', () => {
    expect(having(begin, got(1), end).effects).toMatchObject([{ kind: 'give-back', port: PORT }]);
    expect(having(begin, end, got(1)).effects).toMatchObject([{ kind: 'give-back', port: PORT }]);
    expect(having(begin, end).effects).toEqual([]);
    expect(having(begin, end, begin).effects).toEqual([]);
  });

  it.each([
    { external: { host: '192.168.0.7', port: 4001 } },
    { external: { host: '100.64.3.4', port: 4001 } },
    { external: { host: '127.0.0.1', port: 4001 } },
    { external: { host: 'router', port: 4001 } },
    { external: { host: '11.0.0.11', port: 0 } },
    { lifetimeMs: 0 },
  ])('is given back when it is of no use: %o', (lie) => {
    const port = { ...PORT, ...lie };
    expect(uselessness(port)).toBeDefined();
    expect(having(begin, got(1, port))).toMatchObject({
      state: { open: undefined, failures: 1, reason: uselessness(port) },
      effects: [{ kind: 'give-back', port }, { kind: 'wake-after' }],
    });
  });

  it('is asked for less and less often where there is none', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failures, draw) => {
          const wait = retryAfter(failures, draw);
          expect(wait).toBeGreaterThanOrEqual(
            Math.min(MAPPING_RETRY_MAX_MS, MAPPING_RETRY_FIRST_MS * 2 ** (failures - 1)) / 2,
          );
          expect(wait).toBeLessThanOrEqual(MAPPING_RETRY_MAX_MS);
        },
      ),
    );
  });
});

it('whatever happens, nothing is open after the end, and every opened port has a time to be looked at again', () => {
  const anything = fc.oneof(
    fc.constant(begin),
    fc.constant(end),
    fc.nat(9).map((n) => due(NOW + n * 1e6)),
    fc.tuple(fc.nat(9), fc.nat(9)).map(([attempt, n]) => got(attempt, { ...PORT, lifetimeMs: n * 1e5 }, NOW + n)),
    fc.nat(9).map((attempt) => failed(attempt)),
  );
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 20 }), (inputs) => {
      let state = MAPPING_START;
      for (const input of inputs) {
        const done = step(state, input);
        const hasOpened = done.state.open !== undefined && done.state.open !== state.open;
        if (hasOpened) expect(done.effects.some(({ kind }) => kind === 'wake-after')).toBe(true);
        for (const effect of done.effects) {
          if (effect.kind === 'wake-after') expect(effect.ms).toBeGreaterThan(0);
        }
        ({ state } = done);
        if (state.phase === 'ended') expect(state.open).toBeUndefined();
      }
    }),
  );
  expect(MAPPING_RENEW_MIN_MS).toBeLessThan(MAPPING_LIFETIME_MS / 2);
});
