/**
 * Many files are looked at, read, checked and placed in a thread of their own: each costs a handful of calls that the
 * event loop would pay for.
 */
import { askThread } from '../hashing/ask-thread.ts';
import { createHashThread } from '../hashing/hash-thread-adapter.ts';
import type { BatchDisk } from '../ports.ts';
import { type BatchDiskCommand, type BatchDiskReport, cutBytes } from './batch-disk-message.ts';

/** The worker starts with the first batch, and keeps the process alive only while it has something to do. */
export function createWorkerBatchDisk(): BatchDisk {
  const thread = createHashThread<BatchDiskCommand, BatchDiskReport>(new URL('./batch-disk-worker', import.meta.url));
  /** A batch is short, and a rename cannot be taken back: nobody interrupts it. */
  const { signal } = new AbortController();
  return {
    async look(paths) {
      if (paths.length === 0) return [];
      const work = { kind: 'look', path: paths[0] ?? '', paths } as const;
      const question = { command: (job: number) => ({ ...work, job }), answer: 'looked' } as const;
      return (await askThread(thread, question, signal)).standings;
    },
    async read(paths) {
      const [path = ''] = paths;
      const work = { kind: 'read', path, paths } as const;
      const question = { command: (job: number) => ({ ...work, job }), answer: 'read' } as const;
      const { stamps, bytes } = await askThread(thread, question, signal);
      const pieces = cutBytes(
        bytes,
        stamps.map((stamp) => stamp?.size ?? 0),
      );
      return stamps.map((stamp, place) => stamp && { stamp, bytes: pieces[place] ?? new Uint8Array(0) });
    },
    async place(files) {
      const named = files.map(({ path, digest, bytes }) => ({ path, digest, length: bytes.length }));
      const bytes = Buffer.concat(files.map((file) => file.bytes));
      const work = { kind: 'place', path: files[0]?.path ?? '', files: named, bytes } as const;
      const question = { command: (job: number) => ({ ...work, job }), answer: 'placed' } as const;
      return (await askThread(thread, question, signal)).placements;
    },
    [Symbol.asyncDispose]: () => thread.stop(),
  };
}
