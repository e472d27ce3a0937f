import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCheckpointer } from '../../../../src/fetcher/assembly/checkpointer.ts';
import type { PartialFile } from '../../../../src/fetcher/ports.ts';
import { type Ranges, sizeOf } from '../../../../src/fetcher/ranges.ts';
import { TRANSFER_CHECKPOINT_BYTES, TRANSFER_CHECKPOINT_MS } from '../../../../src/limits.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

/** A file of which the first so many bytes are right, a disk that only counts what it was asked to keep, and a journal. */
function lab() {
  const clock = createVirtualClock();
  const file = { right: 0, flushed: 0, isDiscarded: false };
  const told: number[] = [];
  const partial: Pick<PartialFile, 'flush' | 'discard' | typeof Symbol.asyncDispose> = {
    async flush() {
      file.flushed = file.right;
    },
    async discard() {
      file.isDiscarded = true;
    },
    async [Symbol.asyncDispose]() {},
  };
  const checkpointer = createCheckpointer({
    partial: partial as PartialFile,
    clock,
    checked: (): Ranges => (file.right > 0 ? [[0, file.right]] : []),
    onCheckpoint(ranges) {
      expect(sizeOf(ranges)).toBeLessThanOrEqual(file.flushed);
      told.push(sizeOf(ranges));
    },
    onFailed: (error) => expect.fail(String(error)),
  });
  /** So many more bytes were found right; whatever that set off is over. */
  async function check(bytes: number): Promise<void> {
    file.right += bytes;
    checkpointer.look();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { clock, file, told, checkpointer, check };
}

describe('what a crash leaves of a file in chunks', () => {
  it('is flushed again and again while bytes come fast, and told now and then', async () => {
    const { clock, file, told, check } = lab();
    for (let round = 1; round <= 4; round += 1) {
      await check(TRANSFER_CHECKPOINT_BYTES);
      expect(file.flushed).toBe(round * TRANSFER_CHECKPOINT_BYTES);
    }
    expect(told).toEqual([TRANSFER_CHECKPOINT_BYTES]);
    await clock.advance(TRANSFER_CHECKPOINT_MS);
    await check(TRANSFER_CHECKPOINT_BYTES);
    expect(told).toEqual([TRANSFER_CHECKPOINT_BYTES, 5 * TRANSFER_CHECKPOINT_BYTES]);
  });

  it('is all that is right when a file is left as it is', async () => {
    const { told, checkpointer, check } = lab();
    await check(TRANSFER_CHECKPOINT_BYTES);
    await check(TRANSFER_CHECKPOINT_BYTES);
    await check(1);
    await checkpointer.close({ discard: false, isComplete: false });
    expect(told).toEqual([TRANSFER_CHECKPOINT_BYTES, 2 * TRANSFER_CHECKPOINT_BYTES + 1]);
  });

  it('is nothing once the file is thrown away', async () => {
    const { file, told, checkpointer, check } = lab();
    await check(TRANSFER_CHECKPOINT_BYTES);
    await checkpointer.close({ discard: true, isComplete: false });
    expect(told.at(-1)).toBe(0);
    expect(file.isDiscarded).toBe(true);
  });

  it('is at any time what was flushed, and no older than its two limits allow', async () => {
    const steps = fc.array(
      fc.record({ bytes: fc.nat(2 * TRANSFER_CHECKPOINT_BYTES), ms: fc.nat(2 * TRANSFER_CHECKPOINT_MS) }),
      { maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const { clock, file, told, check } = lab();
        /** What was right when so much time had gone by. */
        const history = [{ at: clock.now(), right: 0 }];
        for (const { bytes, ms } of all) {
          await clock.advance(ms);
          await check(bytes);
          history.push({ at: clock.now(), right: file.right });
          const old = history.findLast(({ at }) => at <= clock.now() - TRANSFER_CHECKPOINT_MS)?.right ?? 0;
          expect(told.at(-1) ?? 0).toBeGreaterThan(old - TRANSFER_CHECKPOINT_BYTES);
        }
      }),
      { numRuns: 30 },
    );
  });
});
