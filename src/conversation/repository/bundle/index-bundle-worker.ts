/** The thread in which a large bundle is indexed: once, then it ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { fileFailure } from '../../../errors.ts';
import { type BundledPack, indexBundledPack } from './bundle-index-adapter.ts';
import type { IndexBundleReport } from './index-bundle-message.ts';

const pack = workerData as BundledPack;

async function run(): Promise<IndexBundleReport> {
  try {
    return { outcome: 'indexed', index: await indexBundledPack(pack) };
  } catch (error) {
    const { code, data } = fileFailure(pack.path, error);
    return { outcome: 'failed', code, data };
  }
}

parentPort?.postMessage(await run());
