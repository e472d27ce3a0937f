import type { Worker } from 'node:worker_threads';
import { SCREENING_QUIET_MS } from '../../limits.ts';
import { startWorker } from '../../start-worker-adapter.ts';
import type { PackSlice } from './pack-slices.ts';
import type { KeyOf } from './screen-commit.ts';
import type { ScreenCommand, ScreenReport, ScreenWork } from './screen-message.ts';

/** A thread that screens commits, seen from outside. */
export class ScreenThread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #keyOf: KeyOf;
  /** Those who wait for a slice, the first one first. */
  readonly #waiting: ((records: Uint8Array | undefined) => void)[] = [];
  readonly #quiet: NodeJS.Timeout;
  #isGone = false;

  constructor(work: ScreenWork, keyOf: KeyOf) {
    this.#keyOf = keyOf;
    this.#worker = startWorker(new URL('./screen-worker', import.meta.url), { workerData: work });
    this.#worker.on('message', (report: ScreenReport) => this.#hear(report));
    this.#worker.on('error', () => this.#conclude());
    this.#worker.on('exit', () => this.#conclude());
    this.#quiet = setTimeout(() => this.#conclude(), SCREENING_QUIET_MS);
  }

  /**
   * Records of the slice's commits, several slices in turn. Undefined when the thread is gone, or does not answer for too long:
   * what it does not say is found out by whoever judges, at their leisure.
   */
  async screen(slice: PackSlice): Promise<Uint8Array | undefined> {
    if (this.#isGone) return undefined;
    this.#say({ kind: 'screen', slice });
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
    const key = await this.#keyOf({ device, tree }).catch(() => undefined);
    this.#say({ kind: 'key', question, key });
  }

  #say(command: ScreenCommand): void {
    this.#worker.postMessage(command);
  }

  #conclude(): void {
    this.#isGone = true;
    clearTimeout(this.#quiet);
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }
}
