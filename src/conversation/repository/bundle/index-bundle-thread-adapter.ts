import type { Worker } from 'node:worker_threads';
import { messageOf, SyncError } from '../../../errors.ts';
import { BUNDLE_INDEX_MS } from '../../../limits.ts';
import { orAborted } from '../../../or-aborted.ts';
import { startWorker } from '../../../start-worker-adapter.ts';
import type { BundledPack } from './bundle-index-adapter.ts';
import type { IndexBundleReport } from './index-bundle-message.ts';

/**
 * As `indexBundledPack`, in a thread of its own, so that nothing here waits for a large one.
 * Throws WORKER_FAILED, TIMED_OUT and the signal's reason as well; the thread has ended by then.
 */
export async function indexBundleInThread(
  pack: BundledPack,
  { signal, patienceMs = BUNDLE_INDEX_MS }: { readonly signal: AbortSignal; readonly patienceMs?: number },
): Promise<Uint8Array> {
  signal.throwIfAborted();
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new SyncError('TIMED_OUT', { what: 'Indexing the bundle', ms: patienceMs })),
    patienceMs,
  );
  const worker = startWorker(new URL('./index-bundle-worker', import.meta.url), { workerData: pack });
  try {
    return await orAborted(indexFrom(worker), AbortSignal.any([signal, late.signal]));
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

function indexFrom(worker: Worker): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const fail = (detail: string) => reject(new SyncError('WORKER_FAILED', { worker: 'bundle', detail }));
    worker.once('message', (report: IndexBundleReport) => {
      if (report.outcome === 'indexed') resolve(report.index);
      else reject(new SyncError(report.code, report.data));
    });
    worker.once('error', (error) => fail(messageOf(error)));
    worker.once('exit', (code) => fail(`exit code ${code}`));
  });
}
