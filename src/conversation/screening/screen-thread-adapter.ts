import type { Worker } from 'node:worker_threads';
import { SCREENING_QUIET_MS } from '../../limits.ts';
import { startWorker } from '../../start-worker-adapter.ts';
import { memoryOf } from '../repository/receive/arrival.ts';
import type { KeyOf } from './screen-commit.ts';
import type { ScreenCommand, ScreenReport, ScreenTask } from './screen-message.ts';

/** A thread that screens commits, seen from outside. */
export class ScreenThread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #keyOf: KeyOf;
  /** Those who wait for a task, the first one first. */
  readonly #waiting: ((records: Uint8Array | undefined) => void)[] = [];
  readonly #quiet: NodeJS.Timeout;
  #isGone = false;

  constructor(keyOf: KeyOf) {
    this.#keyOf = keyOf;
    this.#worker = startWorker(new URL('./screen-worker', import.meta.url));
    this.#worker.on('message', (report: ScreenReport) => this.#hear(report));
    this.#worker.on('error', () => this.#conclude());
    this.#worker.on('exit', () => this.#conclude());
    this.#quiet = setTimeout(() => this.#waiting.length > 0 && this.#conclude(), SCREENING_QUIET_MS);
  }

  /** Tells which packs the slices are of. */
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

  async [Symbol.asyncDispose](): Promise<void> {
    this.#conclude();
    await this.#worker.terminate();
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

  #say(command: ScreenCommand, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(command, transfer);
  }

  #conclude(): void {
    this.#isGone = true;
    clearTimeout(this.#quiet);
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }
}
