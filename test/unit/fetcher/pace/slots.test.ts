import { describe, expect, it } from 'vitest';
import { createSlots, type Slots } from '../../../../src/fetcher/pace/slots.ts';

const signal = new AbortController().signal;

/** Takes one if there is one now. */
async function isGranted(slots: Slots, key: string): Promise<boolean> {
  const leaving = new AbortController();
  const granted = slots.acquire(key, leaving.signal).then(
    () => true,
    () => false,
  );
  leaving.abort();
  return await granted;
}

describe('slots', () => {
  it('gives no more than there are, and one more for each that comes back', async () => {
    const slots = createSlots({ limit: 2 });
    const first = await slots.acquire('a', signal);
    await slots.acquire('a', signal);
    expect(await isGranted(slots, 'a')).toBe(false);
    const third = slots.acquire('a', signal);
    first();
    await third;
    first();
    expect(await isGranted(slots, 'a'), 'given back twice is given back once').toBe(false);
  });

  it('serves those who wait in turns by key', async () => {
    const slots = createSlots({ limit: 1 });
    const served: string[] = [];
    const held = await slots.acquire('x', signal);
    const wishes = ['a', 'a', 'a', 'b', 'c'].map(async (key) => {
      const release = await slots.acquire(key, signal);
      served.push(key);
      release();
    });
    held();
    await Promise.all(wishes);
    expect(served).toEqual(['a', 'b', 'c', 'a', 'a']);
  });

  it('limits one key without holding up another', async () => {
    const slots = createSlots({ limit: Number.POSITIVE_INFINITY, limitPerKey: 1 });
    await slots.acquire('a', signal);
    expect(await isGranted(slots, 'a')).toBe(false);
    expect(await isGranted(slots, 'b')).toBe(true);
  });

  it('passes over a key that has all it may have, also when it waits longest', async () => {
    const slots = createSlots({ limit: 2, limitPerKey: 1 });
    const [first, other] = [await slots.acquire('a', signal), await slots.acquire('b', signal)];
    const served: string[] = [];
    const wishes = ['a', 'c'].map(async (key) => {
      await slots.acquire(key, signal);
      served.push(key);
    });
    other();
    await wishes[1];
    expect(served).toEqual(['c']);
    first();
    await wishes[0];
    expect(served).toEqual(['c', 'a']);
  });

  it('forgets who gave up, with the reason of the signal', async () => {
    const slots = createSlots({ limit: 1 });
    const held = await slots.acquire('a', signal);
    const abort = new AbortController();
    const given = slots.acquire('a', abort.signal);
    abort.abort('tired');
    await expect(given).rejects.toBe('tired');
    held();
    expect(await isGranted(slots, 'a')).toBe(true);
  });
});
