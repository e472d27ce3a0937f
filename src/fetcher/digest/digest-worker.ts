/**
 * The hashing thread. Commands of one stream are carried out in their order; streams take turns batch by batch,
 * so that a long file does not hold up the others.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { messageOf, SyncError } from '../../errors.ts';
import { HASH_BATCH_BYTES } from '../../limits.ts';
import { never } from '../../never.ts';
import type { DigestCommand, DigestReport } from './digest-message.ts';
import { createSha3, type Sha3 } from './sha3-adapter.ts';

interface Stream {
  readonly hash: Sha3;
  /** Ends when all commands so far are carried out. */
  work: Promise<void>;
  isDropped: boolean;
}

const streams = new Map<number, Stream>();
const port = parentPort;
port?.on('message', (command: DigestCommand) => {
  const stream = streamOf(command.stream);
  // A drop overtakes what waits: nobody wants the rest.
  if (command.kind === 'drop') stream.isDropped = true;
  stream.work = stream.work.then(() => carryOut(stream, command));
});

function streamOf(id: number): Stream {
  const known = streams.get(id);
  if (known) return known;
  const created: Stream = { hash: createSha3(), work: Promise.resolve(), isDropped: false };
  streams.set(id, created);
  return created;
}

async function carryOut(stream: Stream, command: DigestCommand): Promise<void> {
  if (command.kind === 'drop' || stream.isDropped) {
    if (command.kind === 'drop') streams.delete(command.stream);
    return;
  }
  switch (command.kind) {
    case 'take-file':
      return takeFile(stream, command);
    case 'take':
      stream.hash.update(command.bytes);
      return report({ kind: 'taken', stream: command.stream, bytes: command.bytes }, command.bytes.buffer);
    case 'finish':
      streams.delete(command.stream);
      return report({ kind: 'digest', stream: command.stream, digest: stream.hash.digest() });
    default:
      return never(command);
  }
}

async function takeFile(stream: Stream, command: DigestCommand & { kind: 'take-file' }): Promise<void> {
  const { path } = command;
  try {
    const file = await open(path, 'r');
    try {
      await hashFile(stream, file, command);
    } finally {
      await file.close();
    }
  } catch (error) {
    stream.isDropped = true;
    report({ kind: 'failed', stream: command.stream, path, detail: messageOf(error) });
  }
}

/** Reads one block ahead, so that the disk and the processor work at the same time. */
async function hashFile(stream: Stream, file: FileHandle, { path, length }: { path: string; length?: number }) {
  let left = length ?? Number.POSITIVE_INFINITY;
  let [filling, spare] = [Buffer.allocUnsafe(HASH_BATCH_BYTES), Buffer.allocUnsafe(HASH_BATCH_BYTES)];
  let reading = file.read(filling, 0, Math.min(left, filling.length), 0);
  let position = 0;
  while (left > 0 && !stream.isDropped) {
    const { bytesRead } = await reading;
    if (bytesRead === 0) break;
    const full = filling;
    [filling, spare] = [spare, filling];
    left -= bytesRead;
    position += bytesRead;
    reading = file.read(filling, 0, Math.min(left, filling.length), position);
    stream.hash.update(full.subarray(0, bytesRead));
  }
  await reading;
  if (length !== undefined && left > 0 && !stream.isDropped) {
    throw new SyncError('FILE_FAILED', { path, detail: `it ends ${left} bytes too early` });
  }
}

function report(message: DigestReport, ...transfer: ArrayBuffer[]): void {
  port?.postMessage(message, transfer);
}
