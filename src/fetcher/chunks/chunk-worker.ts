/**
 * The thread that hashes chunks, and writes those that come in. Jobs take turns block by block, so that a long file
 * does not hold up the others.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { never } from '../../never.ts';
import { createBlockBuffers } from '../hashing/block-buffers.ts';
import { type HashDrop, hashFailed } from '../hashing/hash-job.ts';
import { readBlocks } from '../hashing/read-blocks.ts';
import { createWorkerJobs } from '../hashing/worker-jobs.ts';
import type { Range } from '../ranges.ts';
import { createChunkHasher } from './chunk-hasher.ts';
import { chunkHash, chunkRange } from './chunk-list.ts';
import type { ChunkCommand, ChunkReport } from './chunk-message.ts';
import { type ChunkWriter, openChunkWriter } from './chunk-writer-adapter.ts';

type Check = ChunkCommand & { readonly kind: 'check' };
type List = ChunkCommand & { readonly kind: 'list' };
type TakeIn = ChunkCommand & { readonly kind: 'take-in' };
type Write = ChunkCommand & { readonly kind: 'write' };

const buffers = createBlockBuffers();
const jobs = createWorkerJobs<ChunkReport>((message) => parentPort?.postMessage(message));
/** Files whose chunks are coming in. One that failed is not among them any more. */
const incoming = new Map<number, { readonly path: string; readonly writer: ChunkWriter }>();
parentPort?.on('message', (command: ChunkCommand | HashDrop) => {
  switch (command.kind) {
    case 'check':
      return jobs.start(command, (dropped) => check(command, dropped));
    case 'list':
      return jobs.start(command, (dropped) => list(command, dropped));
    case 'take-in':
      return startTakingIn(command);
    case 'write':
      return write(command);
    case 'drop':
      stopTakingIn(command.job);
      return jobs.drop(command.job);
    default:
      return never(command);
  }
});

function startTakingIn({ job, path, layout }: TakeIn): void {
  try {
    incoming.set(job, { path, writer: openChunkWriter(path, layout) });
  } catch (error) {
    parentPort?.postMessage(hashFailed(job, path, error));
  }
}

function stopTakingIn(job: number): void {
  incoming.get(job)?.writer.close();
  incoming.delete(job);
}

function write({ job, position, pieces }: Write): void {
  const file = incoming.get(job);
  if (!file) return;
  try {
    const hash = file.writer.write(position, pieces);
    const memory = pieces.map(({ buffer }) => buffer);
    parentPort?.postMessage({ kind: 'written', job, hash, memory } satisfies ChunkReport, memory);
  } catch (error) {
    stopTakingIn(job);
    parentPort?.postMessage(hashFailed(job, file.path, error));
  }
}

async function check(command: Check, dropped: AbortSignal): Promise<ChunkReport> {
  await using file = await open(command.path, 'r');
  const bad: number[] = [];
  for (const [index, chunk] of command.chunks.entries()) {
    const found = await hashOf(file, chunkRange(command.totalSize, command.size, chunk), dropped);
    if (Buffer.compare(found, chunkHash(command.hashes, index)) !== 0) bad.push(chunk);
  }
  return { kind: 'checked', job: command.job, bad };
}

/** One that the file ends in has another hash, or none. */
function hashOf(file: FileHandle, [start, end]: Range, dropped: AbortSignal): Promise<Uint8Array> {
  return hashesOf(readBlocks(file, { buffers, start, end: unless(dropped, end) }), end - start);
}

async function list({ job, path, size }: List, dropped: AbortSignal): Promise<ChunkReport> {
  await using file = await open(path, 'r');
  const blocks = readBlocks(file, { buffers, end: unless(dropped, Number.POSITIVE_INFINITY) });
  return { kind: 'listed', job, hashes: await hashesOf(blocks, size) };
}

async function hashesOf(blocks: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const hasher = createChunkHasher(size);
  for await (const block of blocks) hasher.update(block);
  return hasher.hashes();
}

function unless(dropped: AbortSignal, end: number): () => number {
  return () => {
    dropped.throwIfAborted();
    return end;
  };
}
