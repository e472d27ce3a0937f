/** A worker thread that hashes, and the jobs it has under way. */
import type { Worker } from 'node:worker_threads';
import { messageOf, SyncError } from '../../errors.ts';
import { startWorker } from '../../start-worker-adapter.ts';
import { failureOf, type HashDrop, type HashFailed } from './hash-job.ts';

export interface HashReader<Report> {
  onReport(report: Report): void;
  /** The job is over: FILE_FAILED, DISK_FULL, or WORKER_FAILED when the thread is gone. */
  onFailed(error: SyncError): void;
}

export interface HashThread<Command, Report> {
  /** Starts the worker if there is none. Returns the number of the new job. */
  join(reader: HashReader<Report>): number;
  /** Nothing more is heard of the job. */
  leave(job: number): void;
  /** `memory` goes along, and is lost to this thread. */
  post(command: Command | HashDrop, memory?: readonly ArrayBuffer[]): void;
  stop(): Promise<void>;
}

/**
 * The worker starts with the first job, and keeps the process alive only while there is one.
 * `entry` is the worker's file without its extension.
 */
export function createHashThread<Command, Report extends { readonly job: number }>(
  entry: URL,
): HashThread<Command, Report> {
  const readers = new Map<number, HashReader<Report>>();
  let worker: Worker | undefined;
  let lastJob = 0;

  function fail(gone: Worker, detail: string): void {
    if (worker !== gone) return;
    worker = undefined;
    const failed = [...readers.values()];
    readers.clear();
    for (const reader of failed) reader.onFailed(new SyncError('WORKER_FAILED', { worker: 'hashing', detail }));
  }

  function onMessage(report: Report | HashFailed): void {
    const reader = readers.get(report.job);
    if (isFailure(report)) reader?.onFailed(failureOf(report));
    else reader?.onReport(report);
  }

  function start(): Worker {
    const started = startWorker(entry);
    started.on('message', onMessage);
    started.on('error', (error) => fail(started, messageOf(error)));
    started.on('exit', (code) => fail(started, `exit code ${code}`));
    return started;
  }

  return {
    join(reader) {
      worker ??= start();
      worker.ref();
      readers.set(++lastJob, reader);
      return lastJob;
    },
    leave(job) {
      readers.delete(job);
      if (readers.size === 0) worker?.unref();
    },
    post: (command, memory = []) => worker?.postMessage(command, memory),
    async stop() {
      const stopping = worker;
      if (stopping) fail(stopping, 'it was closed');
      await stopping?.terminate();
    },
  };
}

function isFailure(report: object): report is HashFailed {
  return 'kind' in report && report.kind === 'failed';
}
