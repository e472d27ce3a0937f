import { availableParallelism } from 'node:os';
import { SCREENING_QUIET_MS, SCREENING_THREADS, THREAD_IDLE_MS } from '../../limits.ts';
import { type TakenWorker, WorkerPool } from '../../worker-pool-adapter.ts';
import { memoryOf } from '../repository/receive/arrival.ts';
import type { KeyOf } from './screen-commit.ts';
import type { ScreenCommand, ScreenReport, ScreenTask } from './screen-message.ts';

/** As many as screen one history. */
export const SCREENERS = Math.min(availableParallelism(), SCREENING_THREADS);

/** One for the process: threads are as much its own as its cores. */
const pool = new WorkerPool<ScreenCommand, ScreenReport>(new URL('./screen-worker', import.meta.url), {
  kept: SCREENERS,
  idleMs: THREAD_IDLE_MS,
});

/** A thread that screens commits, seen from outside. */
export class ScreenThread implements AsyncDisposable {
  readonly #worker: TakenWorker<ScreenCommand>;
  readonly #keyOf: KeyOf;
  /** Those who wait for a task, the first one first. */
  readonly #waiting: ((records: Uint8Array | undefined) => void)[] = [];
  readonly #quiet: NodeJS.Timeout;
  #isGone = false;

  constructor(keyOf: KeyOf) {
    this.#keyOf = keyOf;
    this.#worker = pool.take({ onReport: (report) => this.#hear(report), onGone: () => this.#conclude() });
    this.#quiet = setTimeout(() => this.#waiting.length > 0 && this.#conclude(), SCREENING_QUIET_MS);
  }

  /** Tells which packs the slices are of; the thread closes others that it read. */
  see(packs: Extract<ScreenCommand, { kind: 'packs' }>['packs']): void {
    this.#say({ kind: 'packs', packs });
  }

  /**
   * Records of the task's commits, several tasks in turn. What arrived goes over to the thread, and is empty here afterwards.
   * Undefined when the thread is gone, or does not answer for too long: what it does not say is found out by whoever judges.
   */
  async screen(task: ScreenTask): Promise<Uint8Array | undefined> {
    if (this.#isGone) return undefined;
    this.#quiet.refresh();
    this.#say(task, task.kind === 'arrived' ? memoryOf(task.arrival) : []);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Gives a thread back that has done all its tasks; ends any other. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isGone || this.#waiting.length > 0) {
      this.#conclude();
      await this.#worker.end();
    } else {
      this.see([]);
      this.#conclude();
      this.#worker.giveBack();
    }
  }

  #hear(report: ScreenReport): void {
    this.#quiet.refresh();
    if (report.kind === 'screened') this.#waiting.shift()?.(report.records);
    else void this.#answer(report);
  }

  async #answer({ question, device, tree }: Extract<ScreenReport, { kind: 'whose' }>): Promise<void> {
    const key = Promise.resolve(this.#keyOf({ device, tree }));
    this.#say({ kind: 'key', question, key: await key.catch(() => undefined) });
  }

  #say(command: ScreenCommand, memory: readonly ArrayBuffer[] = []): void {
    this.#worker.post(command, memory);
  }

  #conclude(): void {
    this.#isGone = true;
    clearTimeout(this.#quiet);
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }
}
