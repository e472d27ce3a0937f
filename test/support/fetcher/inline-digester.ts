/** The digest on the thread of the test: no worker to start, and nothing else moves meanwhile. */
import { readFile } from 'node:fs/promises';
import { fileFailure, SyncError } from '../../../src/errors.ts';
import { createChunkHasher } from '../../../src/fetcher/chunks/chunk-hasher.ts';
import type { ChunkLayout } from '../../../src/fetcher/chunks/chunk-layout.ts';
import { chunkHash } from '../../../src/fetcher/chunks/chunk-list.ts';
import { type ChunkWriter, openChunkWriter } from '../../../src/fetcher/chunks/chunk-writer-adapter.ts';
import type { ChunkChecker, ChunkIntake, Digester } from '../../../src/fetcher/ports.ts';
import { sha3Of } from './announced-file.ts';

export function inlineDigester(): Digester {
  return {
    isContended: false,
    async identify(path, { signal, chunkSize, onHashed }) {
      signal.throwIfAborted();
      const bytes = await firstBytes(path);
      signal.throwIfAborted();
      if (bytes.length > 0) onHashed?.(bytes.length);
      return { digest: sha3Of(bytes), ...(chunkSize !== undefined && { hashes: hashesOf(bytes, chunkSize) }) };
    },
    follow(path, { onHashed } = {}) {
      let length = 0;
      let isOver = false;
      return {
        advance(to) {
          length = to;
        },
        async digest() {
          const bytes = length > 0 ? await firstBytes(path, length) : new Uint8Array(0);
          if (isOver) throw new SyncError('CANCELLED', { what: 'Hashing' });
          if (length > 0) onHashed?.(length);
          return sha3Of(bytes);
        },
        async [Symbol.asyncDispose]() {
          isOver = true;
        },
      };
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** The same for chunks. */
export function inlineChunkChecker(): ChunkChecker {
  return {
    takeIn,
    async badChunks(path, { size, hashes, chunks }, { signal }) {
      signal.throwIfAborted();
      const found = hashesOf(await firstBytes(path), size);
      signal.throwIfAborted();
      return chunks.filter((chunk) => Buffer.compare(chunkHash(found, chunk), chunkHash(hashes, chunk)) !== 0);
    },
    async hashesOf(path, { size, signal }) {
      signal.throwIfAborted();
      const hashes = hashesOf(await firstBytes(path), size);
      signal.throwIfAborted();
      return hashes;
    },
    async [Symbol.asyncDispose]() {},
  };
}

function takeIn(path: string, layout: ChunkLayout): ChunkIntake {
  let writer: ChunkWriter | undefined;
  return {
    async write({ position, pieces }) {
      try {
        writer ??= openChunkWriter(path, layout);
        return writer.write(position, pieces);
      } catch (error) {
        throw fileFailure(path, error);
      }
    },
    async [Symbol.asyncDispose]() {
      writer?.close();
    },
  };
}

function hashesOf(bytes: Uint8Array, size: number): Uint8Array {
  const hasher = createChunkHasher(size);
  hasher.update(bytes);
  return hasher.hashes();
}

async function firstBytes(path: string, length?: number): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fileFailure(path, error);
  });
  if (length !== undefined && bytes.length < length) {
    throw new SyncError('FILE_FAILED', { path, detail: 'it ends too early' });
  }
  return bytes.subarray(0, length);
}
