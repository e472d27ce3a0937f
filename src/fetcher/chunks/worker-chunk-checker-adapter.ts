/**
 * Chunks are hashed in a thread of their own: SHA-256 runs at several times the speed of SHA3-512 and must not wait
 * behind it (docs/performance-notes.md).
 */
import { askThread } from '../hashing/ask-thread.ts';
import { createHashThread } from '../hashing/hash-thread-adapter.ts';
import type { ChunkChecker } from '../ports.ts';
import { chunkHash } from './chunk-list.ts';
import type { ChunkCommand, ChunkReport } from './chunk-message.ts';
import { takeChunksIn } from './take-chunks-in.ts';

/** The worker starts with the first file, and keeps the process alive only while it has something to do. */
export function createWorkerChunkChecker(): ChunkChecker {
  const thread = createHashThread<ChunkCommand, ChunkReport>(new URL('./chunk-worker', import.meta.url));
  return {
    takeIn: (path, layout) => takeChunksIn(thread, path, layout),
    async badChunks(path, { totalSize, size, hashes, chunks }, { signal }) {
      const expected = Buffer.concat(chunks.map((chunk) => chunkHash(hashes, chunk)));
      const work = { kind: 'check', path, totalSize, size, chunks, hashes: expected } as const;
      const question = { command: (job: number) => ({ ...work, job }), answer: 'checked' } as const;
      return (await askThread(thread, question, signal)).bad;
    },
    async hashesOf(path, { size, signal }) {
      const work = { kind: 'list', path, size } as const;
      const question = { command: (job: number) => ({ ...work, job }), answer: 'listed' } as const;
      return (await askThread(thread, question, signal)).hashes;
    },
    [Symbol.asyncDispose]: () => thread.stop(),
  };
}
