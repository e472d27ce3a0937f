import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkCount } from '../../../../src/events/chunk-construction.ts';
import { createChunkHasher } from '../../../../src/fetcher/chunks/chunk-hasher.ts';
import {
  chunkHash,
  chunkRange,
  chunkRootOf,
  chunksTouching,
  isChunkListOf,
} from '../../../../src/fetcher/chunks/chunk-list.ts';
import { sha256OfChunks, someBytes } from '../../../support/fetcher/announced-file.ts';

const cuts = fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 6 });
const lengths = fc.integer({ min: 0, max: 5000 });
const sizes = fc.constantFrom(100, 256, 1024, 8192);

describe('chunk hashes', () => {
  it('come out alike however the bytes are cut', () => {
    fc.assert(
      fc.property(lengths, sizes, cuts, (length, size, at) => {
        const bytes = someBytes(length);
        const hasher = createChunkHasher(size);
        let from = 0;
        for (const to of [...at.filter((cut) => cut < length).sort((a, b) => a - b), length]) {
          hasher.update(bytes.subarray(from, to));
          from = to;
        }
        expect(Buffer.from(hasher.hashes())).toEqual(sha256OfChunks(bytes, size));
      }),
    );
  });
});

describe('a chunk list', () => {
  const bytes = someBytes(1000);
  const hashes = sha256OfChunks(bytes, 64);
  const chunks = { size: 64, root: chunkRootOf(1000, 64, hashes) };

  it('belongs to the root of its hashes, the sizes and the name of the construction', () => {
    expect(isChunkListOf(1000, chunks, hashes)).toBe(true);
    expect(chunks.root).toBe(createHash('sha256').update('swarmlog chunks v1 1000 64\n').update(hashes).digest('hex'));
  });

  it('does not belong to it with one bit changed, too short, too long, or for other sizes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: hashes.length * 8 - 1 }), (bit) => {
        const flipped = Buffer.from(hashes);
        flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        expect(isChunkListOf(1000, chunks, flipped)).toBe(false);
      }),
    );
    expect(isChunkListOf(1000, chunks, hashes.subarray(32))).toBe(false);
    expect(isChunkListOf(1000, chunks, Buffer.concat([hashes, hashes.subarray(0, 32)]))).toBe(false);
    expect(isChunkListOf(999, chunks, hashes)).toBe(false);
    expect(isChunkListOf(1000, { ...chunks, size: 128 }, hashes)).toBe(false);
  });

  it('has the hash of each chunk in its place', () => {
    for (let chunk = 0; chunk < chunkCount(1000, 64); chunk += 1) {
      const [start, end] = chunkRange(1000, 64, chunk);
      const expected = createHash('sha256').update(bytes.subarray(start, end)).digest();
      expect(Buffer.from(chunkHash(hashes, chunk))).toEqual(expected);
    }
  });
});

describe('the bytes of chunks', () => {
  const files = fc.record({
    totalSize: fc.integer({ min: 1, max: 2 ** 45 }),
    size: fc.constantFrom(2 ** 16, 2 ** 20, 2 ** 30),
  });

  it('lie side by side and cover the file', () => {
    fc.assert(
      fc.property(files, ({ totalSize, size }) => {
        const last = chunkCount(totalSize, size) - 1;
        expect(chunkRange(totalSize, size, 0)[0]).toBe(0);
        expect(chunkRange(totalSize, size, last)[1]).toBe(totalSize);
        const some = Math.floor(last / 2);
        if (some < last) expect(chunkRange(totalSize, size, some)[1]).toBe(chunkRange(totalSize, size, some + 1)[0]);
      }),
    );
  });

  it('are touched by a stretch exactly when they share a byte with it', () => {
    const stretches = fc.tuple(fc.nat(500), fc.nat(500)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    fc.assert(
      fc.property(stretches, fc.constantFrom(1, 16, 64), ([start, end], size) => {
        const [first, after] = chunksTouching(size, [start, end]);
        for (let chunk = 0; chunk < chunkCount(501, size); chunk += 1) {
          const [from, to] = chunkRange(501, size, chunk);
          expect(chunk >= first && chunk < after).toBe(Math.max(from, start) < Math.min(to, end));
        }
      }),
    );
  });
});
