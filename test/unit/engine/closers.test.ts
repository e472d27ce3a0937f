import { describe, expect, it } from 'vitest';
import { createClosers } from '../../../src/engine/closers.ts';

describe('closers', () => {
  it('close the last one first, one after the other', async () => {
    const closers = createClosers();
    const events: string[] = [];
    for (const name of ['journal', 'net']) {
      closers.add(async () => {
        events.push(`${name} closes`);
        await Promise.resolve();
        events.push(`${name} is closed`);
      });
    }
    await closers.close();
    expect(events).toEqual(['net closes', 'net is closed', 'journal closes', 'journal is closed']);
  });

  it('close everything and then tell the first failure', async () => {
    const closers = createClosers();
    const closed: string[] = [];
    closers.add(async () => void closed.push('journal'));
    for (const reason of ['second', 'first']) {
      closers.add(() => Promise.reject(new TypeError(reason)));
    }
    await expect(closers.close()).rejects.toThrow('first');
    expect(closed).toEqual(['journal']);
  });

  it('close once for all callers', async () => {
    const closers = createClosers();
    let times = 0;
    closers.add(async () => {
      times += 1;
    });
    expect(closers.close()).toBe(closers.close());
    await closers.close();
    expect(times).toBe(1);
  });

  it('keep their order when what is closed asks for the closing itself', async () => {
    const closers = createClosers();
    const closed: string[] = [];
    for (const name of ['journal', 'keeper', 'net']) closers.add(async () => void closed.push(name));
    closers.add(async () => {
      closed.push('signal');
      void closers.close();
    });
    await closers.close();
    expect(closed).toEqual(['signal', 'net', 'keeper', 'journal']);
  });

  it('close what is added while they close', async () => {
    const closers = createClosers();
    const closed: string[] = [];
    closers.add(async () => {
      closers.add(async () => void closed.push('late'));
    });
    await closers.close();
    expect(closed).toEqual(['late']);
  });
});
