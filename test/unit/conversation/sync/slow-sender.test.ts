import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Lane, openPacketChannel } from '../../../../src/conversation/sync/packet-channel.ts';
import { formatPacket } from '../../../../src/conversation/sync/pkt-line.ts';
import { SILENCE_MS, SYNC_MS } from '../../../../src/limits.ts';
import { thrownBy } from '../../../support/thrown.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const { signal } = new AbortController();

/** Says a byte just before it would count as silent, for ever. */
function dripping(clock: ReturnType<typeof createVirtualClock>, bytes: Uint8Array): Lane {
  return {
    send: async () => undefined,
    async *messages({ signal: ended }) {
      for (let at = 0; ; at = (at + 1) % bytes.byteLength) {
        await clock.wait(SILENCE_MS - 1, ended);
        yield bytes.subarray(at, at + 1);
      }
    },
    close: () => undefined,
  };
}

it.each([
  ['within one packet', formatPacket('x'.repeat(1000))],
  ['in packets without end', formatPacket('have\n')],
])('who drips %s is waited for so long in all, and no longer', async (_, bytes) => {
  const clock = createVirtualClock();
  const began = clock.now();
  const packets = openPacketChannel(dripping(clock, bytes), { clock, signal, waitingMs: SYNC_MS });
  const over = thrownBy('TIMED_OUT', async () => {
    while (await packets.read());
  }).then(() => clock.now() - began);
  // Until it waits.
  await nextTurn();
  await clock.advance(2 * SYNC_MS);
  expect(await over).toBe(SYNC_MS);
});

it('who sends at a pace is waited for as long as what it sends is long', async () => {
  const clock = createVirtualClock();
  const began = clock.now();
  // A byte every half a minute, of which each earns a minute, until nothing more comes.
  const bytes = formatPacket('x'.repeat(100));
  const lane: Lane = {
    ...dripping(clock, bytes),
    async *messages({ signal: ended }) {
      for (const byte of bytes) {
        await clock.wait(SILENCE_MS - 1, ended);
        yield Uint8Array.of(byte);
      }
    },
  };
  const packets = openPacketChannel(lane, { clock, signal, waitingMs: SYNC_MS, paceBytes: 1 / 60 });
  const read = packets.read().then((packet) => [packet?.kind, clock.now() - began]);
  await nextTurn();
  await clock.advance(10 * SYNC_MS);
  expect(await read).toEqual(['data', bytes.byteLength * (SILENCE_MS - 1)]);
  expect(bytes.byteLength * (SILENCE_MS - 1)).toBeGreaterThan(SYNC_MS);
});

it('who takes what is sent drop by drop is waited for so long in all, and no longer', async () => {
  const clock = createVirtualClock();
  const began = clock.now();
  let over = () => {};
  const lane: Lane = {
    async send() {
      const closed = new Promise<never>((_, reject) => {
        over = () => reject(new Error('the lane was closed'));
      });
      await Promise.race([clock.wait(SILENCE_MS - 1, signal), closed]);
    },
    async *messages() {},
    close: () => over(),
  };
  const packets = openPacketChannel(lane, { clock, signal, waitingMs: SYNC_MS });
  const ended = thrownBy('TIMED_OUT', async () => {
    for (;;) {
      await packets.write(formatPacket('x'));
      await packets.flush();
    }
  }).then(() => clock.now() - began);
  await nextTurn();
  await clock.advance(2 * SYNC_MS);
  expect(await ended).toBeGreaterThanOrEqual(SYNC_MS);
  expect(await ended).toBeLessThan(SYNC_MS + SILENCE_MS);
});
