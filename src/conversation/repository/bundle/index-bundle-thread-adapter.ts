import { messageOf, SyncError } from '../../../errors.ts';
import { startWorker } from '../../../start-worker-adapter.ts';
import type { BundledPack } from './bundle-index-adapter.ts';
import type { IndexBundleReport } from './index-bundle-message.ts';

/** As `indexBundledPack`, in a thread of its own, so that nothing here waits for a large one. Throws WORKER_FAILED as well. */
export function indexBundleInThread(pack: BundledPack): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const worker = startWorker(new URL('./index-bundle-worker', import.meta.url), { workerData: pack });
    const fail = (detail: string) => reject(new SyncError('WORKER_FAILED', { worker: 'bundle', detail }));
    worker.once('message', (report: IndexBundleReport) => {
      if (report.outcome === 'indexed') resolve(report.index);
      else reject(new SyncError(report.code, report.data));
    });
    worker.once('error', (error) => fail(messageOf(error)));
    worker.once('exit', (code) => fail(`exit code ${code}`));
  });
}
