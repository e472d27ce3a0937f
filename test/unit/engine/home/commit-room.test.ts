import { describe, expect, it } from 'vitest';
import { createCommitRoom } from '../../../../src/engine/home/commit-room.ts';
import { DISK_LOOK_MS, PACK_LOOK_BYTES } from '../../../../src/limits.ts';
import { channelPair } from '../../../support/net/channel-pair.ts';
import { thrownBy } from '../../../support/thrown.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const RESERVE = 1000;
/** Of a pack; fits into whole looks. */
const MESSAGE_BYTES = PACK_LOOK_BYTES / 32;
const { signal } = new AbortController();

/** A disk that has what it is said to have, once somebody looks. */
function setUp(left: number | undefined) {
  const disk = { left, seen: undefined as number | undefined };
  const clock = createVirtualClock();
  const room = createCommitRoom({
    disk: {
      free: () => disk.seen,
      async look() {
        disk.seen = disk.left;
      },
    },
    reserve: RESERVE,
    clock,
  });
  return { disk, clock, room };
}

describe('room for commits', () => {
  it.each([
    [undefined, undefined],
    [RESERVE, undefined],
    [RESERVE - 1, { free: RESERVE - 1, reserve: RESERVE }],
  ])('with %s bytes left, lacks %o', async (left, shortage) => {
    const { room } = setUp(left);
    await room.require().catch(() => {});
    expect(room.shortage()).toEqual(shortage);
  });

  it('is waited for, with a look now and then', async () => {
    const { disk, clock, room } = setUp(10);
    let isThere = false;
    const waiting = room.available(signal).then(() => {
      isThere = true;
    });
    await clock.advance(3 * DISK_LOOK_MS);
    expect(isThere).toBe(false);
    disk.left = RESERVE;
    await clock.advance(DISK_LOOK_MS);
    await waiting;
  });

  it('is not waited for beyond the signal', async () => {
    const { room } = setUp(10);
    const over = new AbortController();
    const waiting = room.available(over.signal);
    over.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('is demanded with what there is and what there has to be', async () => {
    const { room } = setUp(10);
    expect((await thrownBy('DISK_RESERVED', room.require)).data).toEqual({ free: 10, reserve: RESERVE });
  });

  it('ends a pack that uses it up, while another one passes whole', async () => {
    const read = async (left: number) => {
      const { room } = setUp(left);
      await using pair = channelPair('git', { windowBytes: 4 * PACK_LOOK_BYTES });
      for (let sent = 0; sent < 2 * PACK_LOOK_BYTES; sent += MESSAGE_BYTES)
        await pair.right.send(Buffer.alloc(MESSAGE_BYTES));
      let bytes = 0;
      const over = new AbortController();
      for await (const message of room.guard(pair.left).messages({ signal: over.signal })) {
        bytes += message.byteLength;
        if (bytes === 2 * PACK_LOOK_BYTES) break;
      }
      return bytes;
    };
    expect(await read(RESERVE)).toBe(2 * PACK_LOOK_BYTES);
    await thrownBy('DISK_RESERVED', () => read(RESERVE - 1));
  });
});
