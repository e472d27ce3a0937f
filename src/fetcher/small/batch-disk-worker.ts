/** The thread that looks for files, and reads and places small ones. */
import { parentPort } from 'node:worker_threads';
import { never } from '../../never.ts';
import { lookAt } from '../disk/look-adapter.ts';
import type { HashDrop } from '../hashing/hash-job.ts';
import { createWorkerJobs } from '../hashing/worker-jobs.ts';
import { type BatchDiskCommand, type BatchDiskReport, cutBytes } from './batch-disk-message.ts';
import { placeWholeFiles, readWholeFiles } from './batch-files-adapter.ts';

type Read = BatchDiskCommand & { readonly kind: 'read' };
type Place = BatchDiskCommand & { readonly kind: 'place' };

const jobs = createWorkerJobs<BatchDiskReport>((message) => parentPort?.postMessage(message));
parentPort?.on('message', (command: BatchDiskCommand | HashDrop) => {
  switch (command.kind) {
    case 'look':
      return jobs.start(command, async () => ({ kind: 'looked', job: command.job, standings: lookAt(command.paths) }));
    case 'read':
      return jobs.start(command, async () => read(command));
    case 'place':
      return jobs.start(command, () => place(command));
    case 'drop':
      return jobs.drop(command.job);
    default:
      return never(command);
  }
});

function read({ job, paths }: Read): BatchDiskReport {
  const files = readWholeFiles(paths);
  const bytes = Buffer.concat(files.flatMap((file) => file?.bytes ?? []));
  return { kind: 'read', job, stamps: files.map((file) => file?.stamp), bytes };
}

async function place({ job, files, bytes }: Place): Promise<BatchDiskReport> {
  const pieces = cutBytes(
    bytes,
    files.map(({ length }) => length),
  );
  const whole = files.map(({ path, digest }, index) => ({ path, digest, bytes: pieces[index] ?? new Uint8Array(0) }));
  return { kind: 'placed', job, placements: await placeWholeFiles(whole) };
}
