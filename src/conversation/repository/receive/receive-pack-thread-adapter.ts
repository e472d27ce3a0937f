import { SyncError } from '../../../errors.ts';
import {
  PACK_AHEAD_BYTES,
  PACK_AT_ONCE_BYTES,
  PACK_AT_ONCE_OBJECTS,
  PACK_THREADS_KEPT,
  THREAD_IDLE_MS,
} from '../../../limits.ts';
import { type TakenWorker, WorkerPool } from '../../../worker-pool-adapter.ts';
import { PACK_HEADER_BYTES } from '../packs/packed-object.ts';
import type { Objects } from '../repository.ts';
import type { PackWatch } from './arrival.ts';
import { type ReceivedPack, receivePack } from './receive-pack-adapter.ts';
import type { ReceiveCommand, ReceiveReport, ReceiveWork } from './receive-pack-message.ts';

export interface ReceiveOptions {
  /** Where the pack is written to. */
  readonly path: string;
  readonly indexPath: string;
  readonly objectsDirectory: string;
  readonly own: Objects;
  readonly signal: AbortSignal;
  /** Looks at a pack that a thread takes in. */
  readonly watch?: PackWatch | undefined;
}

/** One for the process: threads are as much its own as its cores. */
const pool = new WorkerPool<ReceiveCommand, ReceiveReport>(new URL('./receive-pack-worker', import.meta.url), {
  kept: PACK_THREADS_KEPT,
  idleMs: THREAD_IDLE_MS,
});

/**
 * Takes a small pack in here, at once, and a larger one in a thread of its own: a few commits are done sooner than a thread
 * starts, many would hold up everything else in the process. As `receivePack` otherwise; throws WORKER_FAILED as well.
 */
export async function receiveWhereItFits(
  chunks: AsyncIterable<Uint8Array>,
  options: ReceiveOptions,
): Promise<ReceivedPack> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let firstBytes = 0;
  let isWhole = false;
  try {
    while (!isWhole && firstBytes < PACK_AT_ONCE_BYTES && announcedObjects(first) <= PACK_AT_ONCE_OBJECTS) {
      options.signal.throwIfAborted();
      const { done, value } = await iterator.next();
      isWhole = done === true;
      if (done) continue;
      first.push(value);
      firstBytes += value.byteLength;
    }
    if (isWhole) return await receivePack(each(first), options);
    options.watch?.expect(announcedObjects(first));
    return await receiveInThread(both(first, iterator), options);
  } finally {
    // Releases what the chunks come from, also when it is left before its end.
    await iterator.return?.();
  }
}

/** What the pack's header says, which is no more than a hint here; 0 while it is not there. */
function announcedObjects(chunks: readonly Uint8Array[]): number {
  if (chunks.length === 0) return 0;
  const header = Buffer.concat(chunks.slice(0, PACK_HEADER_BYTES), PACK_HEADER_BYTES);
  return header.readUInt32BE(PACK_HEADER_BYTES - 4);
}

async function* each(chunks: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* chunks;
}

async function* both(first: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  yield* first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function receiveInThread(chunks: AsyncIterable<Uint8Array>, options: ReceiveOptions): Promise<ReceivedPack> {
  const { path, indexPath, objectsDirectory, signal, watch } = options;
  const work: ReceiveWork = { path, indexPath, objectsDirectory, isWatched: watch !== undefined };
  await using thread = new PackThread(work, watch);
  const abort = () => thread.fail(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    signal.throwIfAborted();
    const fed = feed(chunks, thread);
    // A sender that fails ends the thread; a thread that fails ends the wait for the sender.
    fed.catch((error: unknown) => thread.fail(error));
    return await thread.received;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function feed(chunks: AsyncIterable<Uint8Array>, thread: PackThread): Promise<void> {
  for await (const bytes of chunks) {
    if (!(await thread.take(bytes))) return;
  }
  thread.end();
}

/** A thread that takes a pack in, seen from outside. */
class PackThread implements AsyncDisposable {
  readonly received: Promise<ReceivedPack>;
  readonly #worker: TakenWorker<ReceiveCommand>;
  readonly #watch: PackWatch | undefined;
  #settle: { readonly resolve: (pack: ReceivedPack) => void; readonly reject: (error: unknown) => void };
  #isOver = false;
  #ahead = 0;
  #wake = () => {};

  constructor(work: ReceiveWork, watch: PackWatch | undefined) {
    this.#watch = watch;
    this.#settle = { resolve: () => {}, reject: () => {} };
    this.received = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.received.catch(() => {});
    this.#worker = pool.take({
      onReport: (report) => this.#hear(report),
      onGone: (detail) => this.#failThread(detail),
    });
    this.#worker.post({ kind: 'begin', work });
  }

  /** Resolves when there is room for more; false when nothing more is wanted. */
  async take(bytes: Uint8Array): Promise<boolean> {
    // Alone in its memory: otherwise all of what it is a view of would go along.
    const own = new Uint8Array(bytes);
    this.#worker.post({ kind: 'chunk', bytes: own }, [own.buffer]);
    this.#ahead += bytes.byteLength;
    while (this.#ahead > PACK_AHEAD_BYTES && !this.#isOver)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return !this.#isOver;
  }

  end(): void {
    this.#worker.post({ kind: 'end' });
  }

  fail(error: unknown): void {
    this.#settle.reject(error);
    this.#conclude();
  }

  /** A thread that took its pack in has been given back by then. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.end();
  }

  #hear(report: ReceiveReport): void {
    if (report.kind === 'taken') {
      this.#ahead -= report.bytes;
      this.#wake();
    } else if (report.kind === 'arrived') {
      this.#watch?.take(report.arrival);
    } else if (report.kind === 'received') {
      this.#worker.giveBack();
      this.#settle.resolve(report.pack);
      this.#conclude();
    } else this.fail(new SyncError(report.code, report.data));
  }

  #failThread(detail: string): void {
    if (!this.#isOver) this.fail(new SyncError('WORKER_FAILED', { worker: 'pack', detail }));
  }

  #conclude(): void {
    this.#isOver = true;
    this.#wake();
  }
}
