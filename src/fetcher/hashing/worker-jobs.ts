import { type HashFailed, hashFailed } from './hash-job.ts';

/** The jobs of a hashing worker, at its end of the thread. */
export interface WorkerJobs<Report> {
  /** Reports what the work returns, or that it failed; nothing once it was dropped. */
  start(job: { readonly job: number; readonly path: string }, work: (dropped: AbortSignal) => Promise<Report>): void;
  drop(job: number): void;
}

export function createWorkerJobs<Report>(report: (message: Report | HashFailed) => void): WorkerJobs<Report> {
  const underWay = new Map<number, AbortController>();

  async function run(job: number, path: string, work: (dropped: AbortSignal) => Promise<Report>): Promise<void> {
    const drop = new AbortController();
    underWay.set(job, drop);
    try {
      report(await work(drop.signal));
    } catch (error) {
      if (!drop.signal.aborted) report(hashFailed(job, path, error));
    } finally {
      underWay.delete(job);
    }
  }

  return {
    start: ({ job, path }, work) => void run(job, path, work),
    drop: (job) => underWay.get(job)?.abort(),
  };
}
