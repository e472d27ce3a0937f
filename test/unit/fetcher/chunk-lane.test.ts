import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createChunkLane } from '../../../src/fetcher/assembly/chunk-lane.ts';
import { TRANSFER_MESSAGE_BYTES, TRANSFER_PENDING_BYTES } from '../../../src/limits.ts';

const MiB = 1024 * 1024;

/** A disk in memory, and how it was written to. */
function lab(layout: { totalSize: number; size: number }) {
  const disk = Buffer.alloc(layout.totalSize);
  const writes: { readonly position: number; readonly length: number }[] = [];
  const partial = {
    async write(pieces: readonly Uint8Array[], position: number) {
      const bytes = Buffer.concat(pieces);
      disk.set(bytes, position);
      writes.push({ position, length: bytes.length });
    },
  };
  const lane = createChunkLane(layout, { partial, onWritten() {}, onFailed: (error) => expect.fail(String(error)) });
  return { disk, writes, lane };
}

const piece = (value: number, length = TRANSFER_MESSAGE_BYTES) => new Uint8Array(length).fill(value);

describe('the way of chunks to the disk', () => {
  it('writes chunks that arrive mixed up each at once', async () => {
    const { lane, writes } = lab({ totalSize: 2 * MiB, size: MiB });
    for (let at = 0; at < MiB; at += TRANSFER_MESSAGE_BYTES)
      for (const start of [0, MiB]) lane.write(start + at, piece(1));
    await lane.idle();
    expect(writes).toEqual([
      { position: 0, length: MiB },
      { position: MiB, length: MiB },
    ]);
    expect(lane.pendingBytes()).toBe(0);
  });

  it('writes a short one when nothing more of it comes, and says when that is done', async () => {
    const { lane, writes } = lab({ totalSize: 10, size: MiB });
    lane.write(0, piece(1, 10));
    await lane.idle();
    expect(writes).toEqual([]);
    await new Promise<void>((done) => lane.whenWritten(0, done));
    expect(writes).toEqual([{ position: 0, length: 10 }]);
  });

  it('goes on with what comes in the moment it is done', async () => {
    const { lane, disk } = lab({ totalSize: 4, size: MiB });
    for (const at of [0, 1, 2, 3]) {
      lane.write(at, piece(1, 1));
      await new Promise<void>((done) => lane.whenWritten(0, done));
    }
    expect([...disk]).toEqual([1, 1, 1, 1]);
  });

  it('does not wait for a whole chunk when chunks are long', async () => {
    const { lane, writes } = lab({ totalSize: 4 * MiB, size: 4 * MiB });
    for (let at = 0; at < 2 * MiB; at += TRANSFER_MESSAGE_BYTES) lane.write(at, piece(1));
    await lane.idle();
    expect(writes.map(({ length }) => length)).toEqual([MiB, MiB]);
  });

  it('does not hold tiny pieces in masses', async () => {
    const { lane } = lab({ totalSize: MiB, size: MiB });
    for (let at = 0; at < 1000; at++) lane.write(at, piece(1, 1));
    await lane.idle();
    expect(lane.pendingBytes()).toBeLessThan(100);
  });

  it('never fills up with chunks that nobody goes on with', async () => {
    const count = (2 * TRANSFER_PENDING_BYTES) / TRANSFER_MESSAGE_BYTES;
    const { lane } = lab({ totalSize: count * MiB, size: MiB });
    for (let chunk = 0; chunk < count; chunk++) {
      lane.write(chunk * MiB, piece(1));
      await lane.idle();
      expect(lane.pendingBytes()).toBeLessThan(TRANSFER_PENDING_BYTES);
    }
  });

  it('puts every byte where it belongs, whatever turns chunks take and however often one begins anew', async () => {
    const layout = { totalSize: 100, size: 30 };
    const act = fc.record({ chunk: fc.nat(3), length: fc.integer({ min: 1, max: 12 }), isNew: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
        const { lane, disk } = lab(layout);
        const expected = Buffer.alloc(layout.totalSize);
        const ends = new Map<number, number>();
        for (const [value, { chunk, length, isNew }] of acts.entries()) {
          const start = isNew ? chunk * layout.size : (ends.get(chunk) ?? chunk * layout.size);
          const end = Math.min(start + length, (chunk + 1) * layout.size, layout.totalSize);
          if (end === start) continue;
          lane.write(start, piece(value, end - start));
          expected.fill(value, start, end);
          ends.set(chunk, end);
        }
        for (const chunk of ends.keys()) await new Promise<void>((done) => lane.whenWritten(chunk, done));
        for (const [chunk, end] of ends) {
          const start = chunk * layout.size;
          expect(disk.subarray(start, end)).toEqual(expected.subarray(start, end));
        }
      }),
      { numRuns: 50 },
    );
  });
});
