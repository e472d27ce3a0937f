import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SyncError } from '../../../../src/errors.ts';
import { createChunkLane } from '../../../../src/fetcher/assembly/chunk-lane.ts';
import { bytesOf } from '../../../../src/fetcher/chunks/chunk-layout.ts';
import type { ChunkStretch } from '../../../../src/fetcher/ports.ts';
import { TRANSFER_MESSAGE_BYTES, TRANSFER_PENDING_BYTES } from '../../../../src/limits.ts';

const MiB = 1024 * 1024;

/** A disk in memory, and how it was written to. Chunks that end have their number as their hash. */
function lab(layout: { totalSize: number; size: number }) {
  const disk = Buffer.alloc(layout.totalSize);
  const writes: { readonly position: number; readonly length: number }[] = [];
  const whole: number[] = [];
  const intake = {
    async write({ position, pieces }: ChunkStretch) {
      const bytes = Buffer.concat(pieces);
      disk.set(bytes, position);
      writes.push({ position, length: bytes.length });
      const chunk = Math.floor(position / layout.size);
      const [, end] = bytesOf(layout, [chunk, chunk + 1]);
      return position + bytes.length === end ? Buffer.of(chunk) : undefined;
    },
  };
  const lane = createChunkLane({
    ...{ layout, intake, onFailed: (error: unknown) => expect.fail(String(error)) },
    onWritten(ended) {
      if (!ended) return;
      expect([...ended.hash]).toEqual([ended.chunk % 256]);
      whole.push(ended.chunk);
    },
  });
  return { disk, writes, whole, lane };
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

  it('writes a short one when nothing more of it comes, and says that it is whole', async () => {
    const { lane, writes, whole } = lab({ totalSize: 10, size: MiB });
    lane.write(0, piece(1, 10));
    await lane.idle();
    expect([writes, whole]).toEqual([[], []]);
    lane.finish(0);
    await lane.idle();
    expect([writes, whole]).toEqual([[{ position: 0, length: 10 }], [0]]);
  });

  it('goes on with what comes in the moment it is done', async () => {
    const { lane, disk, whole } = lab({ totalSize: 4, size: MiB });
    for (const at of [0, 1, 2, 3]) {
      lane.write(at, piece(1, 1));
      lane.finish(0);
      await lane.idle();
    }
    expect([...disk]).toEqual([1, 1, 1, 1]);
    expect(whole).toEqual([0]);
  });

  it('tells once that it failed, and takes nothing more', async () => {
    const failures: unknown[] = [];
    const [layout, full] = [{ totalSize: 4, size: 2 }, new SyncError('DISK_FULL', { path: '/file.tmp' })];
    const intake = { write: () => Promise.reject(full) };
    const onWritten = () => expect.fail('nothing was written');
    const lane = createChunkLane({ layout, intake, onWritten, onFailed: (error) => failures.push(error) });
    for (const chunk of [0, 1, 0]) {
      lane.write(2 * chunk, piece(1, 2));
      lane.finish(chunk);
      await lane.idle();
    }
    expect(failures).toEqual([full]);
    expect(lane.pendingBytes()).toBe(0);
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
        for (const chunk of ends.keys()) lane.finish(chunk);
        await lane.idle();
        for (const [chunk, end] of ends) {
          const start = chunk * layout.size;
          expect(disk.subarray(start, end)).toEqual(expected.subarray(start, end));
        }
      }),
      { numRuns: 50 },
    );
  });
});
