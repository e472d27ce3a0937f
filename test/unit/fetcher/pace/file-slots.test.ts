import { describe, expect, it } from 'vitest';
import { createFileSlots } from '../../../../src/fetcher/pace/file-slots.ts';
import { createReceivingSlots } from '../../../../src/fetcher/pace/transfer-slots.ts';
import type { AnnouncedFile } from '../../../../src/fetcher/ports.ts';
import { QUICK_FILE_BYTES, TRANSFERS_AT_ONCE } from '../../../../src/limits.ts';
import { announcedFile } from '../../../support/fetcher/announced-file.ts';
import { somePeer } from '../../../support/net/channel-pair.ts';

const signal = new AbortController().signal;
const bigFile = (tid: number): AnnouncedFile => ({
  ...announcedFile(new Uint8Array(1), tid),
  totalSize: QUICK_FILE_BYTES + 1,
});
const device = (digit: string) => somePeer(digit).device;

/** Takes the slot if there is one now. */
async function isGranted(slots: ReturnType<typeof createFileSlots>, file: AnnouncedFile): Promise<boolean> {
  const leaving = new AbortController();
  const granted = slots.acquire(file, { device: device('f'), signal: leaving.signal }).then(
    () => true,
    () => false,
  );
  await Promise.resolve();
  setImmediate(() => leaving.abort());
  return await granted;
}

describe('slots of files', () => {
  it('are one for a file, however many devices send it', async () => {
    const slots = createFileSlots(createReceivingSlots());
    for (const tid of [1, 2])
      for (const digit of ['a', 'b', 'c', 'd']) await slots.acquire(bigFile(tid), { device: device(digit), signal });
    for (let tid = 3; tid <= TRANSFERS_AT_ONCE; tid += 1) expect(await isGranted(slots, bigFile(tid))).toBe(true);
    expect(await isGranted(slots, bigFile(TRANSFERS_AT_ONCE + 1))).toBe(false);
  });

  it('are given back when the last share is over, and once', async () => {
    const slots = createFileSlots(createReceivingSlots());
    const shares = await Promise.all(
      ['a', 'b'].map((digit) => slots.acquire(bigFile(1), { device: device(digit), signal })),
    );
    for (let tid = 2; tid <= TRANSFERS_AT_ONCE; tid += 1)
      await slots.acquire(bigFile(tid), { device: device('a'), signal });
    const [first, second] = shares;
    first?.();
    first?.();
    expect(await isGranted(slots, bigFile(99))).toBe(false);
    second?.();
    expect(await isGranted(slots, bigFile(99))).toBe(true);
  });

  it('are waited for together: one who gives up takes nothing from the other, and all who do leave no claim', async () => {
    const slots = createFileSlots(createReceivingSlots());
    const held = await Promise.all(
      Array.from({ length: TRANSFERS_AT_ONCE }, (_, tid) =>
        slots.acquire(bigFile(tid), { device: device('a'), signal }),
      ),
    );
    const [leaving, staying] = [new AbortController(), new AbortController()];
    const gone = slots.acquire(bigFile(50), { device: device('b'), signal: leaving.signal });
    const stays = slots.acquire(bigFile(50), { device: device('c'), signal: staying.signal });
    leaving.abort('tired');
    await expect(gone).rejects.toBe('tired');
    held[0]?.();
    const release = await stays;
    expect(await isGranted(slots, bigFile(51))).toBe(false);
    release();
    expect(await isGranted(slots, bigFile(51))).toBe(true);
  });

  it('are not taken, even for a moment, for a file that nobody waits for any more: that would cost its device its turn', async () => {
    const slots = createFileSlots(createReceivingSlots());
    const held = await Promise.all(
      Array.from({ length: TRANSFERS_AT_ONCE }, (_, tid) =>
        slots.acquire(bigFile(tid), { device: device('a'), signal }),
      ),
    );
    const leaving = new AbortController();
    const gone = slots.acquire(bigFile(50), { device: device('b'), signal: leaving.signal });
    const granted: string[] = [];
    for (const digit of ['b', 'c'])
      void slots
        .acquire(bigFile(digit === 'b' ? 51 : 52), { device: device(digit), signal })
        .then(() => granted.push(digit));
    leaving.abort('tired');
    await expect(gone).rejects.toBe('tired');
    held[0]?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(granted).toEqual(['b']);
  });
});
