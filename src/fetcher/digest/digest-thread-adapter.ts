/** The one worker that all digests of a digester share. */
import { Worker } from 'node:worker_threads';
import { messageOf, SyncError } from '../../errors.ts';
import type { DigestCommand, DigestReport } from './digest-message.ts';

export interface DigestReader {
  onReport(report: DigestReport): void;
  /** The thread is gone, and with it all that was not reported. */
  onFailed(error: SyncError): void;
}

export interface DigestThread {
  /** Starts the worker if there is none. Returns the number of the new stream. */
  join(reader: DigestReader): number;
  leave(stream: number): void;
  /** `transfer` is gone from this thread afterwards. */
  post(command: DigestCommand, transfer?: ArrayBuffer): void;
  stop(): Promise<void>;
}

export function createDigestThread(): DigestThread {
  const readers = new Map<number, DigestReader>();
  let worker: Worker | undefined;
  let lastStream = 0;

  function fail(gone: Worker, detail: string): void {
    if (worker !== gone) return;
    worker = undefined;
    const failed = [...readers.values()];
    readers.clear();
    for (const reader of failed) reader.onFailed(new SyncError('WORKER_FAILED', { worker: 'hashing', detail }));
  }

  function start(): Worker {
    const started = startWorker();
    started.on('message', (report: DigestReport) => readers.get(report.stream)?.onReport(report));
    started.on('error', (error) => fail(started, messageOf(error)));
    started.on('exit', (code) => fail(started, `exit code ${code}`));
    return started;
  }

  return {
    join(reader) {
      worker ??= start();
      worker.ref();
      readers.set(++lastStream, reader);
      return lastStream;
    },
    leave(stream) {
      readers.delete(stream);
      if (readers.size === 0) worker?.unref();
    },
    post: (command, transfer) => worker?.postMessage(command, transfer ? [transfer] : []),
    async stop() {
      const stopping = worker;
      if (stopping) fail(stopping, 'the digester was closed');
      await stopping?.terminate();
    },
  };
}

/**
 * Installed, the worker is JavaScript and starts as it is. From the sources (tests, benchmarks) it is TypeScript, which
 * Node 20 does not run by itself, and `--import` does not reach the module loader of a worker: there it starts with one
 * line that registers tsx, a development dependency, and goes on with the same file.
 */
function startWorker(): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./digest-worker.js', import.meta.url));
  const [tsx, source] = [import.meta.resolve('tsx/esm/api'), new URL('./digest-worker.ts', import.meta.url)];
  return new Worker(`import('${tsx}').then((tsx) => (tsx.register(), import('${source}')))`, { eval: true });
}
