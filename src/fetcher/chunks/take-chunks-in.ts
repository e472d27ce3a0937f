import type { SyncError } from '../../errors.ts';
import { packMessageMemory, unpackMessageMemory } from '../../message-memory.ts';
import type { HashThread } from '../hashing/hash-thread-adapter.ts';
import type { ChunkIntake } from '../ports.ts';
import type { ChunkLayout } from './chunk-layout.ts';
import type { ChunkCommand, ChunkReport } from './chunk-message.ts';

interface Waiting {
  resolve(hash: Uint8Array | undefined): void;
  reject(error: SyncError): void;
}

/** One file whose chunks the thread hashes and writes. */
export function takeChunksIn(
  thread: HashThread<ChunkCommand, ChunkReport>,
  path: string,
  layout: ChunkLayout,
): ChunkIntake {
  /** In the order of their questions, which is that of the answers. */
  const waiting: Waiting[] = [];
  let failure: SyncError | undefined;
  let settled: Promise<unknown> = Promise.resolve();

  function fail(error: SyncError): void {
    failure = error;
    for (const { reject } of waiting.splice(0)) reject(error);
  }

  function onReport(report: ChunkReport): void {
    if (report.kind !== 'written') return;
    unpackMessageMemory(report.memory);
    waiting.shift()?.resolve(report.hash);
  }

  const job = thread.join({ onReport, onFailed: fail });
  thread.post({ kind: 'take-in', job, path, layout });
  return {
    async write({ position, pieces }) {
      if (failure) throw failure;
      const written = new Promise<Uint8Array | undefined>((resolve, reject) => waiting.push({ resolve, reject }));
      settled = written.catch(() => {});
      const parcel = packMessageMemory(pieces);
      thread.post({ kind: 'write', job, position, pieces: parcel.pieces }, parcel.memory);
      return await written;
    },
    async [Symbol.asyncDispose]() {
      await settled;
      thread.post({ kind: 'drop', job });
      thread.leave(job);
    },
  };
}
