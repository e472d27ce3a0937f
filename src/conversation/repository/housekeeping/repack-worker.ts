/** The thread in which a repository is packed: once, then it ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../../errors.ts';
import { repack } from './repack-adapter.ts';
import type { RepackReport, RepackWork } from './repack-message.ts';

const { objectsDirectory } = workerData as RepackWork;

async function run(): Promise<RepackReport> {
  try {
    return { outcome: 'packed', ...(await repack(objectsDirectory)) };
  } catch (error) {
    return { outcome: 'failed', detail: messageOf(error) };
  }
}

parentPort?.postMessage(await run());
