import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { nodeClock } from '../../../src/engine/node-ports-adapter.ts';

const REASON = new Error('enough');

it('waits until the time is over, and leaves nothing behind', async () => {
  const { signal } = new AbortController();
  await expect(nodeClock.wait(5, signal)).resolves.toBeUndefined();
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('ends a wait with the reason of its signal', async () => {
  const stopped = new AbortController();
  const waiting = nodeClock.wait(1_000_000, stopped.signal);
  stopped.abort(REASON);
  await expect(waiting).rejects.toBe(REASON);
  expect(getEventListeners(stopped.signal, 'abort')).toEqual([]);
});

it('does not wait when that is over before it begins', async () => {
  await expect(nodeClock.wait(1_000_000, AbortSignal.abort(REASON))).rejects.toBe(REASON);
});
