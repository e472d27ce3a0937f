import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { againWhenBroken } from '../../../../src/engine/commits/again-when-broken.ts';
import { SyncError } from '../../../../src/errors.ts';
import { CLONE_BREAKS } from '../../../../src/limits.ts';
import { thrownBy } from '../../../support/thrown.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const MINUTE = 60_000;
const random = { below: (limit: number) => limit - 1 };
const broken = () => new SyncError('CHANNEL_CLOSED', { channel: 'commits', reason: 'the other device hung up' });

async function trial(outcomes: readonly (SyncError | 'cloned')[]) {
  const clock = createVirtualClock();
  const ending = new AbortController();
  const left = [...outcomes];
  const run = vi.fn(async () => {
    const outcome = left.shift() ?? broken();
    if (outcome instanceof SyncError) throw outcome;
    return outcome;
  });
  const result = againWhenBroken(run, { clock, random, signal: ending.signal });
  result.catch(() => {});
  // Until it waits, no time may pass.
  await nextTurn();
  return { clock, ending, run, result };
}

describe('a clone under which the link breaks', () => {
  it('is begun again, each time after a longer while', async () => {
    const { clock, run, result } = await trial([broken(), broken(), 'cloned']);
    await clock.advance(1999);
    expect(run).toHaveBeenCalledTimes(1);
    await clock.advance(2000);
    expect(run).toHaveBeenCalledTimes(2);
    await clock.advance(2001);
    expect(await result).toBe('cloned');
  });

  it('is given up in the end, with how it broke', async () => {
    const { clock, run, result } = await trial([]);
    await clock.advance(MINUTE);
    expect((await thrownBy('CHANNEL_CLOSED', () => result)).data.reason).toBe('the other device hung up');
    expect(run).toHaveBeenCalledTimes(CLONE_BREAKS);
  });

  it('is not begun again when it was refused', async () => {
    const { clock, run, result } = await trial([
      new SyncError('DEVICE_UNREACHABLE', { device: 'd', tried: 'tcp' }),
      'cloned',
    ]);
    await thrownBy('DEVICE_UNREACHABLE', () => result);
    await clock.advance(MINUTE);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('is not begun again by who has given it up', async () => {
    const { clock, ending, run, result } = await trial([broken(), 'cloned']);
    await clock.advance(1);
    ending.abort(new SyncError('CANCELLED', { what: 'Joining' }));
    await thrownBy('CANCELLED', () => result);
    await clock.advance(MINUTE);
    expect(run).toHaveBeenCalledTimes(1);
  });
});
