import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LINK_WRITE_AHEAD_BYTES } from '../../../../src/limits.ts';
import type { Frame } from '../../../../src/net/link/frame.ts';
import { createFrameReader } from '../../../../src/net/link/frame-reader.ts';
import { createOutbox } from '../../../../src/net/link/outbox.ts';
import { framesIn } from '../../../support/net/frames-in.ts';

const KIB = 1024;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A stream that takes one piece at a time, each when it is told to. */
function slowStream() {
  const reader = createFrameReader();
  const frames: Frame[] = [];
  const pieces: number[] = [];
  let goOn: (() => void) | undefined;
  const stream = new Writable({
    highWaterMark: 1,
    write(piece: Uint8Array, _, done) {
      pieces.push(piece.byteLength);
      frames.push(...framesIn(reader, Uint8Array.from(piece)));
      goOn = done;
    },
  });
  /** False when nothing was being written. */
  async function take(): Promise<boolean> {
    await turn();
    const done = goOn;
    goOn = undefined;
    done?.();
    await turn();
    return done !== undefined;
  }
  return { stream, frames, pieces, take };
}

function data(channel: number, length: number): Frame & { kind: 'data' } {
  return { kind: 'data', channel, bytes: new Uint8Array(length) };
}

const channelsOf = (frames: readonly Frame[]) => frames.map((frame) => ('channel' in frame ? frame.channel : 0));

describe('the outbox', () => {
  it('lets a message of another channel pass all but what is ahead already', async () => {
    const { stream, frames, take } = slowStream();
    const outbox = createOutbox(stream);
    for (let count = 0; count < 100; count += 1) outbox.postInTurn(data(1, 128 * KIB));
    await turn();
    for (let count = 0; count < 2; count += 1) outbox.postInTurn(data(2, 100 * KIB));
    while (await take());
    const order = channelsOf(frames);
    expect(order.indexOf(2) * 128 * KIB).toBeLessThanOrEqual(LINK_WRITE_AHEAD_BYTES + 128 * KIB);
    expect(order.lastIndexOf(2) - order.indexOf(2)).toBe(2);
  });

  it('lets a frame of the link pass all but what is ahead already', async () => {
    const { stream, frames, take } = slowStream();
    const outbox = createOutbox(stream);
    for (let count = 0; count < 100; count += 1) outbox.postInTurn(data(1, 128 * KIB));
    outbox.post({ kind: 'ping', nonce: 7 });
    while (await take());
    const place = frames.findIndex(({ kind }) => kind === 'ping');
    expect(place * 128 * KIB).toBeLessThanOrEqual(LINK_WRITE_AHEAD_BYTES);
  });

  it('gives the stream one piece at a time, of many frames when it is slow', async () => {
    const { stream, pieces, frames, take } = slowStream();
    const outbox = createOutbox(stream);
    for (let count = 0; count < 1000; count += 1) {
      outbox.postInTurn(data(1, 100));
      expect(stream.writableLength).toBeLessThanOrEqual(LINK_WRITE_AHEAD_BYTES);
    }
    while (await take());
    expect(frames).toHaveLength(1000);
    expect(pieces).toHaveLength(2);
  });

  it('says of each message when its bytes may be changed, and loses, doubles or swaps none of a channel', async () => {
    const messages = fc.array(
      fc.record({
        channel: fc.integer({ min: 1, max: 3 }),
        length: fc.nat({ max: 200 * KIB }),
        takes: fc.nat({ max: 2 }),
      }),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(messages, async (all) => {
        const { stream, frames, take } = slowStream();
        const outbox = createOutbox(stream);
        let left = 0;
        for (const [at, { channel, length, takes }] of all.entries()) {
          const bytes = new Uint8Array(4 + length);
          new DataView(bytes.buffer).setUint32(0, at);
          outbox.postInTurn({ kind: 'data', channel, bytes }, () => {
            left += 1;
            bytes.fill(0xff);
          });
          for (let count = 0; count < takes; count += 1) await take();
        }
        while (await take());
        expect(left).toBe(all.length);
        for (const channel of [1, 2, 3]) {
          const arrived = frames.flatMap((frame) =>
            frame.kind === 'data' && frame.channel === channel
              ? [new DataView(frame.bytes.buffer, frame.bytes.byteOffset).getUint32(0)]
              : [],
          );
          expect(arrived).toEqual([...all.keys()].filter((at) => all[at]?.channel === channel));
        }
      }),
      { numRuns: 50 },
    );
  });

  it('writes a goodbye that was posted before it is stopped, and nothing after', async () => {
    const { stream, frames, take } = slowStream();
    const outbox = createOutbox(stream);
    outbox.postInTurn(data(1, 10));
    outbox.post({ kind: 'bye', reason: 'enough' });
    outbox.stop();
    outbox.post({ kind: 'ping', nonce: 1 });
    while (await take());
    expect(frames.map(({ kind }) => kind)).toEqual(['data', 'bye']);
  });
});
