import { describe, expect, it } from 'vitest';
import { createPlacingQueue } from '../../../../src/fetcher/small/placing-queue.ts';
import { BATCH_FILES, BATCHES_PLACED_AT_ONCE, SMALL_FILE_BYTES } from '../../../../src/limits.ts';
import { announcedFile, someBytes } from '../../../support/fetcher/announced-file.ts';

/** A queue whose batches are placed when the test says so, in any order. */
function queueByHand() {
  const underWay: { readonly files: number; readonly end: () => void }[] = [];
  const queue = createPlacingQueue(
    ({ length }) => new Promise((resolve) => underWay.push({ files: length, end: resolve })),
  );
  return { queue, underWay };
}

function arrived(count: number, length = 3) {
  const bytes = someBytes(length);
  return Array.from({ length: count }, (_, place) => ({ file: announcedFile(bytes, 0x1000 + place), bytes }));
}

describe('files on their way to the disk', () => {
  it('are written while others are being flushed, and gather meanwhile', async () => {
    const { queue, underWay } = queueByHand();
    for (let place = 0; place < BATCHES_PLACED_AT_ONCE + 3; place++) queue.add(arrived(1));
    expect(underWay.map(({ files }) => files)).toEqual(Array.from({ length: BATCHES_PLACED_AT_ONCE }, () => 1));
    underWay[1]?.end();
    await expect.poll(() => underWay.map(({ files }) => files)).toEqual([1, 1, 3]);
  });

  it('are never more in one batch than a batch may have', () => {
    const { queue, underWay } = queueByHand();
    queue.add(arrived(BATCH_FILES + 1));
    expect(underWay[0]?.files).toBe(BATCH_FILES);
  });

  it('are idle only when the last batch is placed, whichever that is', async () => {
    const { queue, underWay } = queueByHand();
    queue.add(arrived(1));
    queue.add(arrived(1));
    let isIdle = false;
    const idle = queue.idle().then(() => {
      isIdle = true;
    });
    underWay[1]?.end();
    await Promise.resolve();
    expect(isIdle).toBe(false);
    underWay[0]?.end();
    await idle;
  });

  it('have room again once enough of them are taken up', async () => {
    const { queue, underWay } = queueByHand();
    queue.add(arrived(100, SMALL_FILE_BYTES));
    const room = queue.room();
    for (let place = 0; place < underWay.length; place++) {
      underWay[place]?.end();
      await new Promise(setImmediate);
    }
    await room;
    await queue.idle();
  });
});
