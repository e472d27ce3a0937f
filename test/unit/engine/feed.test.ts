import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFeed, type Feed } from '../../../src/engine/feed.ts';
import { settled } from '../../support/engine/live-conversations.ts';

const never = () => new AbortController().signal;

async function readAll<T>(values: AsyncIterable<T>): Promise<readonly T[]> {
  const read: T[] = [];
  for await (const value of values) read.push(value);
  return read;
}

async function readSome<T>(values: AsyncIterable<T>, count: number): Promise<readonly T[]> {
  const read: T[] = [];
  for await (const value of values) {
    read.push(value);
    if (read.length === count) break;
  }
  return read;
}

describe('a feed', () => {
  it('gives every reader all values published since it subscribed, in order', async () => {
    const steps = fc.array(fc.oneof(fc.integer(), fc.constantFrom('subscribe', 'rest')), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const feed = createFeed<number>();
        const readers: { since: number; read: Promise<readonly number[]> }[] = [];
        const published: number[] = [];
        for (const step of list) {
          if (typeof step === 'number') {
            published.push(step);
            feed.publish(step);
          } else if (step === 'rest') await settled();
          else readers.push({ since: published.length, read: readAll(feed.subscribe({ signal: never() })) });
        }
        feed.end();
        for (const { since, read } of readers) expect(await read).toEqual(published.slice(since));
      }),
      { numRuns: 100 },
    );
  });

  it('keeps of values with one key only the newest, in the place of the oldest', async () => {
    const feed = createFeed<string>((value) => (value.startsWith('progress') ? 'progress' : undefined));
    const reader = feed.subscribe({ signal: never() });
    for (const value of ['progress 1', 'message', 'progress 2', 'progress 3', 'message']) feed.publish(value);
    feed.end();
    expect(await readAll(reader)).toEqual(['progress 3', 'message', 'message']);
  });

  it('gives a reader that keeps up every value, whatever its key', async () => {
    const feed = createFeed<number>(() => 'same');
    const reading = readAll(feed.subscribe({ signal: never() }));
    for (const value of [1, 2, 3]) {
      feed.publish(value);
      await settled();
    }
    feed.end();
    expect(await reading).toEqual([1, 2, 3]);
  });

  it('ends readers that wait, and those that come too late', async () => {
    const feed = createFeed<number>();
    const waiting = readAll(feed.subscribe({ signal: never() }));
    await settled();
    feed.end();
    expect(await waiting).toEqual([]);
    expect(await readAll(feed.subscribe({ signal: never() }))).toEqual([]);
  });

  it('ends a reader at once when its signal fires, and no other', async () => {
    const feed = createFeed<number>();
    const over = new AbortController();
    const [leaving, staying] = [feed.subscribe({ signal: over.signal }), feed.subscribe({ signal: never() })];
    feed.publish(1);
    const [left, stayed] = [readAll(leaving), readSome(staying, 2)];
    await settled();
    over.abort();
    feed.publish(2);
    expect(await left).toEqual([1]);
    expect(await stayed).toEqual([1, 2]);
    expect(await readAll(feed.subscribe({ signal: over.signal }))).toEqual([]);
  });

  it('leaves nothing at a signal that outlives its readers', async () => {
    const feed: Feed<number> = createFeed();
    const { signal } = new AbortController();
    const reading = readSome(feed.subscribe({ signal }), 1);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    feed.publish(1);
    await reading;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
