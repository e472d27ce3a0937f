import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { VERIFY_BATCH, VERIFY_THREADS } from '../limits.ts';
import { startWorker } from '../start-worker-adapter.ts';
import { type Verify, verify as verifyOnPool } from './signature.ts';
import { packSignatures, type SignatureToVerify, type VerifiedBatch } from './verify-batch.ts';

/** Verifies in threads of its own. What is not answered when it is disposed of stays unanswered. */
export interface BulkVerifier extends AsyncDisposable {
  readonly verify: Verify;
}

interface Question extends SignatureToVerify {
  readonly answer: (holds: boolean) => void;
}

interface Thread {
  readonly worker: Worker;
  /** Batches that it was given and has not answered, oldest first. */
  readonly asked: (readonly Question[])[];
}

/**
 * Signatures by the thousand: they go to the threads `VERIFY_BATCH` at a time, since handing over a single one costs the event
 * loop a fifth of what verifying it costs. A batch that is not full goes at the end of the turn.
 * A thread that dies is done without: what it leaves unanswered is verified on the pool.
 */
export function createBulkVerifier(count = Math.min(VERIFY_THREADS, availableParallelism())): BulkVerifier {
  const threads = new Set(Array.from({ length: count }, () => startThread((thread) => lose(thread))));
  let waiting: Question[] = [];

  function send(): void {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    const [first, ...others] = threads;
    if (!first) {
      askPool(batch);
      return;
    }
    const { worker, asked } = others.reduce((one, two) => (two.asked.length < one.asked.length ? two : one), first);
    const packed = packSignatures(batch);
    asked.push(batch);
    worker.postMessage(packed, [packed.bytes.buffer]);
  }

  function lose(thread: Thread): void {
    if (!threads.delete(thread)) return;
    for (const batch of thread.asked) askPool(batch);
  }

  return {
    verify: (key, signed, signature) =>
      new Promise((answer) => {
        if (waiting.length === 0) setImmediate(send);
        waiting.push({ key, signed, signature, answer });
        if (waiting.length >= VERIFY_BATCH) send();
      }),
    async [Symbol.asyncDispose]() {
      const stopping = [...threads];
      threads.clear();
      await Promise.all(stopping.map(({ worker }) => worker.terminate()));
    },
  };
}

function startThread(onGone: (thread: Thread) => void): Thread {
  const thread: Thread = { worker: startWorker(new URL('./verify-worker', import.meta.url)), asked: [] };
  const { worker, asked } = thread;
  worker.on('message', (verified: VerifiedBatch) => {
    for (const [place, { answer }] of (asked.shift() ?? []).entries()) answer(verified[place] === true);
  });
  worker.on('error', () => onGone(thread));
  worker.on('exit', () => onGone(thread));
  return thread;
}

function askPool(batch: readonly Question[]): void {
  for (const { key, signed, signature, answer } of batch) void verifyOnPool(key, signed, signature).then(answer);
}
