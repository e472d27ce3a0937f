import { describe, expect, it } from 'vitest';
import { createSlots } from '../../../src/fetcher/slots.ts';

const signal = new AbortController().signal;

describe('slots', () => {
  it('gives no more than there are, and one more for each that comes back', async () => {
    const slots = createSlots({ limit: 2 });
    const first = await slots.acquire('a', signal);
    await slots.acquire('a', signal);
    expect(slots.tryAcquire('a')).toBeUndefined();
    const third = slots.acquire('a', signal);
    first();
    await third;
    first();
    expect(slots.tryAcquire('a'), 'given back twice is given back once').toBeUndefined();
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
    expect(slots.tryAcquire('a')).toBeUndefined();
    expect(slots.tryAcquire('b')).toBeDefined();
  });

  it('forgets who gave up, with the reason of the signal', async () => {
    const slots = createSlots({ limit: 1 });
    const held = await slots.acquire('a', signal);
    const abort = new AbortController();
    const given = slots.acquire('a', abort.signal);
    abort.abort('tired');
    await expect(given).rejects.toBe('tired');
    held();
    expect(slots.tryAcquire('a')).toBeDefined();
  });
});
