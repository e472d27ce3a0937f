import { setTimeout as wait } from 'node:timers/promises';
import { messageOf } from '../../../errors.ts';
import { LOOSE_OBJECTS, PACKING_END_MS, PACKS } from '../../../limits.ts';
import { startWorker } from '../../../start-worker-adapter.ts';
import { createMutex } from '../../write/mutex.ts';
import { removeQuarantines } from '../quarantine-adapter.ts';
import type { RepackReport, RepackWork } from './repack-message.ts';

export interface HousekeepingOptions {
  readonly objectsDirectory: string;
  /** How many stand there at first. */
  readonly countLoose: () => Promise<number>;
  readonly countPacks: () => number;
  /** Told when objects may have moved from where they stood. */
  readonly onMoved: () => Promise<void>;
}

/** Sees to it that neither loose objects nor small packs pile up: they become one pack, in a thread of its own. */
export interface Housekeeping extends AsyncDisposable {
  /** Objects have come in; so many of them are loose. */
  added(loose: number): void;
}

/** Of all repositories of the process together: one packing takes a core. */
const turns = createMutex();

/** A packing that fails leaves everything as it was; it is tried again when as much again has come in. */
export function createHousekeeping(options: HousekeepingOptions): Housekeeping {
  const { objectsDirectory, countLoose, countPacks, onMoved } = options;
  const ending = new AbortController();
  let loose = 0;
  /** What stays whatever is done: it is no reason to try again. */
  let stays = { loose: 0, packs: 0 };
  let underWay: Promise<void> | undefined;
  let packing: Promise<void> | undefined;

  async function begin(): Promise<void> {
    loose += await countLoose().catch(() => 0);
  }

  async function pack(): Promise<void> {
    const report = await repackInThread({ objectsDirectory }, ending.signal);
    await onMoved().catch(() => {});
    const removed = report.outcome === 'packed' ? report.looseRemoved : 0;
    loose = Math.max(0, loose - removed);
    // What is left over where much was packed has come in meanwhile; otherwise it is damaged.
    stays = { loose: removed > 0 ? 0 : loose, packs: countPacks() };
  }

  async function takeTurn(): Promise<void> {
    if (ending.signal.aborted) return;
    packing = pack();
    await packing;
    packing = undefined;
  }

  /** Who opens a repository for a moment only packs it at its end, or nobody would. */
  async function untilIdle(): Promise<void> {
    while (underWay !== undefined) await underWay;
  }

  function look(): void {
    if (underWay || ending.signal.aborted) return;
    if (loose - stays.loose < LOOSE_OBJECTS && countPacks() - stays.packs < PACKS) return;
    start(turns.run(takeTurn));
  }

  function start(work: Promise<void>): void {
    underWay = work.finally(() => {
      underWay = undefined;
      look();
    });
  }

  start(begin());
  return {
    added(count) {
      loose += count;
      look();
    },
    async [Symbol.asyncDispose]() {
      await orPatience(untilIdle());
      ending.abort();
      if (!packing) return;
      // Stopped, it is over at once, and leaves what it had written. One that waits for its turn will do nothing then.
      await packing;
      await removeQuarantines(objectsDirectory).catch(() => {});
    },
  };
}

/** Resolves with the work, or when it takes longer than a person who closes something should wait. */
async function orPatience(work: Promise<void>): Promise<void> {
  const over = new AbortController();
  const patience = wait(PACKING_END_MS, undefined, { signal: over.signal }).catch(() => {});
  await Promise.race([work, patience]);
  over.abort();
}

function repackInThread(work: RepackWork, signal: AbortSignal): Promise<RepackReport> {
  return new Promise((resolve) => {
    const worker = startWorker(new URL('./repack-worker', import.meta.url), { workerData: work });
    // Nobody waits for it: a process that has nothing else to do may end.
    worker.unref();
    const stop = () => void worker.terminate();
    const end = (report: RepackReport) => {
      signal.removeEventListener('abort', stop);
      resolve(report);
    };
    worker.once('message', end);
    worker.once('error', (error) => end({ outcome: 'failed', detail: messageOf(error) }));
    worker.once('exit', (code) => end({ outcome: 'failed', detail: `exit code ${code}` }));
    signal.addEventListener('abort', stop);
  });
}
