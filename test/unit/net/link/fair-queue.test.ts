import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFairQueue } from '../../../../src/net/link/fair-queue.ts';

function drain<Item>(queue: { shift(): Item | undefined }): Item[] {
  const items: Item[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item);
  return items;
}

describe('the fair queue', () => {
  it('lets lanes take turns, one item each', () => {
    const queue = createFairQueue<string>();
    for (const item of ['a1', 'a2', 'a3']) queue.push(1, item);
    queue.push(2, 'b1');
    expect(drain(queue)).toEqual(['a1', 'b1', 'a2', 'a3']);
  });

  it('lets what is urgent go first', () => {
    const queue = createFairQueue<string>();
    queue.push(1, 'a1');
    queue.pushUrgent('now');
    expect(drain(queue)).toEqual(['now', 'a1']);
  });

  it('forgets a lane that is dropped, and no other', () => {
    const queue = createFairQueue<string>();
    queue.push(1, 'a1');
    queue.push(2, 'b1');
    expect(queue.drop(1)).toEqual(['a1']);
    expect(drain(queue)).toEqual(['b1']);
  });

  it('keeps each lane in order, and never lets one pass twice while another waits', () => {
    const lanes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 60 });
    fc.assert(
      fc.property(lanes, (pushes) => {
        const queue = createFairQueue<{ lane: number; at: number }>();
        for (const [at, lane] of pushes.entries()) queue.push(lane, { lane, at });
        const out = drain(queue);
        expect(out).toHaveLength(pushes.length);
        for (const lane of new Set(pushes)) {
          const own = out.filter((item) => item.lane === lane);
          expect(own.map(({ at }) => at)).toEqual(own.map(({ at }) => at).toSorted((a, b) => a - b));
        }
        for (const [index, item] of out.entries()) {
          const next = out[index + 1];
          const othersWait = out.slice(index + 1).some(({ lane }) => lane !== item.lane);
          if (othersWait) expect(next?.lane).not.toBe(item.lane);
        }
      }),
    );
  });
});
