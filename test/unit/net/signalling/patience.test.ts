import { expect, it } from 'vitest';
import { DIAL_MS, GREETING_MS, PATH_MS, RECORD_SESSION_MS, RING_LOOK_MAX_MS } from '../../../../src/limits.ts';
import { patienceOn, QUICK } from '../../../../src/net/signalling/patience.ts';

it('a stream is waited on as long as it takes, and one that is slow longer', () => {
  expect(patienceOn({})).toEqual({ greetingMs: GREETING_MS, pathMs: PATH_MS, handshakeMs: DIAL_MS });
  expect(patienceOn({ isSlow: false })).toEqual(QUICK);
  const slow = patienceOn({ isSlow: true });
  for (const wait of ['greetingMs', 'pathMs', 'handshakeMs'] as const) expect(slow[wait]).toBeGreaterThan(QUICK[wait]);
});

it('who is rung may sleep for as long as it does between two looks, and there is time for all of it', () => {
  const { greetingMs, handshakeMs } = patienceOn({ isSlow: true });
  expect(greetingMs).toBeGreaterThan(RING_LOOK_MAX_MS);
  expect(greetingMs + handshakeMs).toBeLessThan(RECORD_SESSION_MS);
});
