import type { Worker } from 'node:worker_threads';
import { messageOf } from './errors.ts';
import { startWorker } from './start-worker-adapter.ts';

/** Who has a worker for a while. */
export interface WorkerOwner<Report> {
  onReport(report: Report): void;
  /** The thread is gone, and nothing more is heard of it. Not told of its end to who asked for it. */
  onGone(detail: string): void;
}

/** A worker that belongs to its owner until it is given back or ended; after that, what is said to it is lost. */
export interface TakenWorker<Command> {
  /** `memory` goes along, and is lost to this thread. */
  post(command: Command, memory?: readonly ArrayBuffer[]): void;
  /** Only a worker that has done all it was asked, and has nothing left to say, is of use to somebody else. */
  giveBack(): void;
  end(): Promise<void>;
}

export interface WorkerPoolOptions {
  /** So many idle ones are kept at most. */
  readonly kept: number;
  /** How long an idle one is kept. */
  readonly idleMs: number;
}

/**
 * Threads of one kind, started when somebody needs one, and kept for a while for who comes next: starting a thread takes
 * long, and each compiles all that it does anew. An idle one does not keep the process alive.
 */
export class WorkerPool<Command, Report> {
  readonly #entry: URL;
  readonly #options: WorkerPoolOptions;
  /** The one that was given back last is taken first, so that those nobody needs grow old. */
  readonly #idle: PooledWorker<Report>[] = [];

  /** `entry` is the worker's file without its extension. */
  constructor(entry: URL, options: WorkerPoolOptions) {
    this.#entry = entry;
    this.#options = options;
  }

  take(owner: WorkerOwner<Report>): TakenWorker<Command> {
    const pooled = this.#idle.pop() ?? new PooledWorker<Report>(startWorker(this.#entry));
    pooled.serve(owner);
    let isTaken = true;
    const leave = (how: () => unknown) => {
      const wasTaken = isTaken;
      isTaken = false;
      return wasTaken ? how() : undefined;
    };
    return {
      post: (command, memory = []) => isTaken && pooled.worker.postMessage(command, [...memory]),
      giveBack: () => leave(() => this.#keep(pooled)),
      end: async () => {
        await leave(() => pooled.end());
      },
    };
  }

  #keep(pooled: PooledWorker<Report>): void {
    const { kept, idleMs } = this.#options;
    const forget = () => {
      const place = this.#idle.indexOf(pooled);
      if (place >= 0) this.#idle.splice(place, 1);
    };
    if (this.#idle.length >= kept || !pooled.rest({ idleMs, onGone: forget })) void pooled.end();
    else this.#idle.push(pooled);
  }
}

interface Rest {
  readonly idleMs: number;
  readonly onGone: () => void;
}

class PooledWorker<Report> {
  readonly worker: Worker;
  /** Told once that the thread is gone, or that its time is over. */
  #owner: WorkerOwner<Report> | undefined;
  #idling: NodeJS.Timeout | undefined;
  #isGone = false;

  constructor(worker: Worker) {
    this.worker = worker;
    worker.on('message', (report: Report) => this.#owner?.onReport(report));
    worker.on('error', (error) => this.#go(messageOf(error)));
    worker.on('exit', (code) => this.#go(`exit code ${code}`));
  }

  serve(owner: WorkerOwner<Report>): void {
    clearTimeout(this.#idling);
    this.#owner = owner;
    this.worker.ref();
  }

  /** False when it is gone. One that speaks while nobody listens is not to be trusted, and ended. */
  rest({ idleMs, onGone }: Rest): boolean {
    if (this.#isGone) return false;
    const leave = () => {
      onGone();
      void this.end();
    };
    this.#owner = { onReport: leave, onGone };
    this.#idling = setTimeout(leave, idleMs).unref();
    this.worker.unref();
    return true;
  }

  async end(): Promise<void> {
    clearTimeout(this.#idling);
    this.#owner = undefined;
    this.#isGone = true;
    await this.worker.terminate();
  }

  #go(detail: string): void {
    const owner = this.#owner;
    clearTimeout(this.#idling);
    this.#owner = undefined;
    this.#isGone = true;
    owner?.onGone(detail);
  }
}
