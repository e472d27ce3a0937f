/** A process that has used a worker, and has nothing more to do. */
import { WorkerPool } from '../../../src/worker-pool-adapter.ts';

const pool = new WorkerPool<string, unknown>(new URL('./echo-worker', import.meta.url), { kept: 1, idleMs: 3_600_000 });
const worker = pool.take({ onReport: () => worker.giveBack(), onGone: () => {} });
worker.post('hello');
