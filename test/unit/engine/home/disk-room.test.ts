import { describe, expect, it, onTestFinished } from 'vitest';
import { createDiskRoom, freeForFiles } from '../../../../src/engine/home/disk-room.ts';
import { freeBytes } from '../../../../src/engine/home/disk-space-adapter.ts';
import { DISK_LOOK_BYTES, DISK_LOOK_MS } from '../../../../src/limits.ts';
import { settled } from '../../../support/engine/live-conversations.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

/** So little that only the test of it comes to it. */
const RESERVE = 10;

function given(free: number | undefined) {
  const clock = createVirtualClock();
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  const disk = { free, told: 0 };
  const room = createDiskRoom({
    clock,
    signal: ending.signal,
    reserve: RESERVE,
    measure: async () => disk.free,
    onChanged: () => {
      disk.told += 1;
    },
  });
  return { clock, disk, room, ending };
}

describe('the room on the disk', () => {
  it('is unknown before anybody has looked, and known from then on', async () => {
    const { room, disk } = given(10 * DISK_LOOK_BYTES);
    expect(room.free()).toBeUndefined();
    await room.look();
    expect(room.free()).toBe(disk.free);
    expect(disk.told).toBe(1);
  });

  it('is looked at again by itself; what hardly changed is no news', async () => {
    const { room, disk, clock } = given(10 * DISK_LOOK_BYTES);
    await room.look();
    disk.free = 10 * DISK_LOOK_BYTES - 1;
    await clock.advance(DISK_LOOK_MS);
    expect(room.free()).toBe(disk.free);
    expect(disk.told).toBe(1);
    disk.free = 9 * DISK_LOOK_BYTES - 1;
    await clock.advance(DISK_LOOK_MS);
    expect(disk.told).toBe(2);
  });

  it('is looked at soon when something was written, once for many', async () => {
    const { room, disk } = given(DISK_LOOK_BYTES);
    for (let n = 0; n < 100; n += 1) room.poke();
    await settled();
    expect(disk.told).toBe(1);
    expect(room.free()).toBe(disk.free);
  });

  it('stops what fills the disk once others have used it up to the reserve, each time', async () => {
    const { room, disk, clock } = given(DISK_LOOK_BYTES);
    await room.look();
    const first = room.whileRoom();
    disk.free = RESERVE;
    await clock.advance(DISK_LOOK_MS);
    expect(first.aborted).toBe(false);
    disk.free = RESERVE - 1;
    await clock.advance(DISK_LOOK_MS);
    expect(first.reason).toMatchObject({ code: 'DISK_RESERVED', data: { free: RESERVE - 1, reserve: RESERVE } });
    const second = room.whileRoom();
    expect(second.aborted).toBe(false);
    await room.look();
    expect(second.aborted).toBe(true);
  });

  it('is told no more once the engine ends', async () => {
    const { room, disk, ending } = given(DISK_LOOK_BYTES);
    ending.abort();
    await room.look();
    expect(disk.told).toBe(0);
  });

  it('is what the system says of the folder, and unknown for a folder that is not there', async () => {
    const folder = await temporaryDirectory();
    expect(await freeBytes(folder)).toBeGreaterThan(0);
    expect(await freeBytes(`${folder}/none`)).toBeUndefined();
  });
});

describe('what is free for files', () => {
  it.each<[string, number | undefined, readonly (number | undefined)[], number | undefined]>([
    ['what is left where they lie', 900, [5000, 400], 900],
    ['what is left on another disk of the home that is below its reserve', 900, [5000, 99], 99],
    ['no more than where they lie, however short another disk is', 50, [60, 99], 50],
    ['unknown where the system does not tell', undefined, [undefined, 400], undefined],
    ['known to be short where the system tells of one disk only', undefined, [99, undefined], 99],
  ])('is %s', (_, ...[free, others, expected]) => {
    expect(freeForFiles(free, { others, reserve: 100 })).toBe(expected);
  });
});
