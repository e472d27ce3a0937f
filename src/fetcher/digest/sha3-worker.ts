/** The thread that hashes files whole. Jobs take turns block by block, so that a long file does not hold up the others. */
import { readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { setImmediate as breathe } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { createBell } from '../../bell.ts';
import { SyncError } from '../../errors.ts';
import { HASH_FOLLOW_BYTES, HASH_NICENESS, HASH_TURN_BYTES } from '../../limits.ts';
import { never } from '../../never.ts';
import { takeReadMemory } from '../../read-memory.ts';
import { createChunkHasher } from '../chunks/chunk-hasher.ts';
import { createBlockBuffers } from '../hashing/block-buffers.ts';
import type { HashDrop, HashFailed } from '../hashing/hash-job.ts';
import { readBlocks } from '../hashing/read-blocks.ts';
import { createWorkerJobs } from '../hashing/worker-jobs.ts';
import { createSha3 } from './sha3-adapter.ts';
import type { Sha3Command, Sha3Report } from './sha3-message.ts';
import { niceThread } from './thread-niceness-adapter.ts';

type Identify = Sha3Command & { readonly kind: 'identify' };
type Follow = Sha3Command & { readonly kind: 'follow' };

const jobs = createWorkerJobs<Sha3Report>(report);
const buffers = createBlockBuffers();
const leads = new Map<number, Lead>();
const niceness = niceThread(HASH_NICENESS);
/** Of whichever followed file is being read: it is hashed before anything else is done. */
const block = takeReadMemory(HASH_FOLLOW_BYTES);

parentPort?.on('message', (command: Sha3Command | HashDrop) => {
  switch (command.kind) {
    case 'identify':
      return jobs.start(command, (dropped) => identify(command, dropped));
    case 'follow':
      return startFollowing(command);
    case 'advance':
      return leads.get(command.job)?.advance(command.to);
    case 'finish':
      return leads.get(command.job)?.finish();
    case 'drop':
      return jobs.drop(command.job);
    default:
      return never(command);
  }
});

function report(message: Sha3Report | HashFailed): void {
  parentPort?.postMessage(message);
}

async function identify({ job, path, chunkSize, tellsHashed }: Identify, dropped: AbortSignal): Promise<Sha3Report> {
  await using file = await open(path, 'r');
  const sha3 = createSha3();
  const chunks = chunkSize === undefined ? undefined : createChunkHasher(chunkSize);
  const end = () => {
    dropped.throwIfAborted();
    return Number.POSITIVE_INFINITY;
  };
  let hashed = 0;
  for await (const block of readBlocks(file, { buffers, end })) {
    sha3.update(block);
    chunks?.update(block);
    hashed += block.length;
    if (tellsHashed) report({ kind: 'hashed', job, to: hashed });
  }
  return { kind: 'identified', job, digest: sha3.digest(), ...(chunks && { hashes: chunks.hashes() }) };
}

function startFollowing(command: Follow): void {
  const lead = createLead();
  leads.set(command.job, lead);
  if (command.goesFirst) niceness.goFirst();
  jobs.start(command, (dropped) => follow(command, lead, dropped).finally(() => stopFollowing(command)));
}

function stopFollowing({ job }: Follow): void {
  leads.delete(job);
  if (leads.size === 0) niceness.goAlong();
}

/**
 * What was written a moment ago still lies in memory: this thread gets it sooner itself than through another one, which
 * would need a core meanwhile. What it does not lie there of, after a restart, the system reads ahead.
 */
async function follow({ job, path }: Follow, lead: Lead, dropped: AbortSignal): Promise<Sha3Report> {
  const sha3 = createSha3();
  let to = await lead.beyond(0, dropped);
  if (to > 0) {
    await using file = await open(path, 'r');
    for (let hashed = 0; to > hashed; to = await lead.beyond(hashed, dropped)) {
      for (const turnEnd = Math.min(to, hashed + HASH_TURN_BYTES); hashed < turnEnd; ) {
        const length = readSync(file.fd, block, 0, Math.min(turnEnd - hashed, HASH_FOLLOW_BYTES), hashed);
        if (length === 0)
          throw new SyncError('FILE_FAILED', { path, detail: `it ends ${to - hashed} bytes too early` });
        sha3.update(block.subarray(0, length));
        hashed += length;
        report({ kind: 'hashed', job, to: hashed });
      }
      await breathe();
    }
  }
  return { kind: 'identified', job, digest: sha3.digest() };
}

/** How far the writer of a followed file is. */
interface Lead {
  advance(to: number): void;
  finish(): void;
  /** Waits until the writer is further than that, or has finished. Returns how far it is; throws when the job was dropped. */
  beyond(position: number, dropped: AbortSignal): Promise<number>;
}

function createLead(): Lead {
  const bell = createBell();
  let furthest = 0;
  let isFinished = false;
  return {
    advance(to) {
      furthest = to;
      bell.ring();
    },
    finish() {
      isFinished = true;
      bell.ring();
    },
    async beyond(position, dropped) {
      dropped.throwIfAborted();
      if (furthest <= position) await bell.until(() => furthest > position || isFinished, dropped);
      return furthest;
    },
  };
}
