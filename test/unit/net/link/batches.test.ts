import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHANNEL_MESSAGE_BYTES, LINK_WRITE_AHEAD_BYTES } from '../../../../src/limits.ts';
import { createBatches } from '../../../../src/net/link/batches.ts';
import { encodeFrame, type Frame } from '../../../../src/net/link/frame.ts';

const RECORD_BYTES = 16 * 1024;

const anyLength = fc.oneof(
  fc.nat({ max: 100 }),
  fc.integer({ min: CHANNEL_MESSAGE_BYTES - 20, max: CHANNEL_MESSAGE_BYTES }),
  fc.nat({ max: CHANNEL_MESSAGE_BYTES }),
);

/** Each is filled with its place, so that no two that follow each other look alike. */
function messagesOf(lengths: readonly number[]): readonly Frame[] {
  return lengths.map((length, at) => ({ kind: 'data', channel: 1 + at, bytes: new Uint8Array(length).fill(at) }));
}

describe('batches', () => {
  it('hold frames one behind the other, in whole records but for the last batch, and never more than a link may write ahead', () => {
    fc.assert(
      fc.property(fc.array(anyLength, { maxLength: 12 }), (lengths) => {
        const frames = messagesOf(lengths);
        const batches = createBatches();
        const written: Buffer[] = [];
        const take = () => {
          const batch = batches.take();
          if (batch) written.push(Buffer.from(batch.memory.subarray(0, batch.end)));
          return batch;
        };
        for (const frame of frames) {
          if (!batches.hasRoom) take();
          batches.add(frame);
        }
        while (take());
        expect(batches.isEmpty).toBe(true);
        expect(Buffer.concat(written).equals(Buffer.concat(frames.map(encodeFrame)))).toBe(true);
        for (const batch of written.slice(0, -1)) expect(batch.byteLength % RECORD_BYTES).toBe(0);
        for (const batch of written) expect(3 * batch.byteLength).toBeLessThanOrEqual(LINK_WRITE_AHEAD_BYTES);
      }),
      { numRuns: 40 },
    );
  });

  it('keep none of a frame, whose bytes may be used again at once', () => {
    const batches = createBatches();
    const bytes = new Uint8Array(CHANNEL_MESSAGE_BYTES);
    const frame: Frame = { kind: 'data', channel: 1, bytes };
    while (batches.hasRoom) batches.add(frame);
    bytes.fill(0xff);
    for (let batch = batches.take(); batch; batch = batches.take())
      expect(batch.memory.subarray(0, batch.end).includes(0xff)).toBe(false);
  });

  it('begin again when all are taken', () => {
    const batches = createBatches();
    const [frame] = messagesOf([10]);
    if (frame === undefined) throw new Error('no frame');
    batches.add(frame);
    expect(batches.isEmpty).toBe(false);
    expect(batches.take()?.end).toBe(19);
    expect(batches.take()).toBeUndefined();
    expect(batches.hasRoom).toBe(true);
  });
});
