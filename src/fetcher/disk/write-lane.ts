import { createBell } from '../../bell.ts';
import { TRANSFER_BATCH_BYTES } from '../../limits.ts';
import { giveBackMessageMemory } from '../../message-memory.ts';
import type { PartialFile } from '../ports.ts';

/** Received bytes on their way to the disk, in the order they came. */
export interface WriteLane {
  /** Bytes that were added and are not written. */
  pendingBytes(): number;
  /** Bytes that follow each other from `position` on. They belong to the lane: their memory is used again once they are written. */
  add(position: number, pieces: readonly Uint8Array[]): void;
  /** Calls back once everything that was added before is written; never when the lane has failed. */
  whenWritten(done: () => void): void;
  /** Resolves when nothing is left to write, or the lane has failed. */
  idle(): Promise<void>;
}

export interface WriteLaneOptions {
  readonly partial: Pick<PartialFile, 'write'>;
  /** After each write. */
  onWritten(): void;
  /** The lane takes nothing more after this. */
  onFailed(error: unknown): void;
}

interface Stretch {
  readonly position: number;
  readonly pieces: readonly Uint8Array[];
  readonly length: number;
}

type Entry = Stretch | { readonly done: () => void };

/** What lies side by side is written at once, `TRANSFER_BATCH_BYTES` at a time. */
export function createWriteLane({ partial, onWritten, onFailed }: WriteLaneOptions): WriteLane {
  const bell = createBell();
  const queue: Entry[] = [];
  let pending = 0;
  let isWorking = false;
  let hasFailed = false;

  async function write(batch: readonly Stretch[], position: number): Promise<void> {
    const pieces = batch.flatMap((stretch) => stretch.pieces);
    await partial.write(pieces, position);
    for (const { length } of batch) pending -= length;
    for (const bytes of pieces) giveBackMessageMemory(bytes);
    onWritten();
  }

  async function run(): Promise<void> {
    for (let first = queue[0]; first; first = queue[0]) {
      if ('done' in first) {
        queue.shift();
        first.done();
      } else {
        await write(takeBatch(queue), first.position);
      }
    }
  }

  function fail(error: unknown): void {
    hasFailed = true;
    queue.length = 0;
    pending = 0;
    onFailed(error);
  }

  function start(): void {
    if (isWorking) return;
    isWorking = true;
    void run()
      .catch(fail)
      .then(() => {
        isWorking = false;
        // Something may have come between the last look and this.
        if (queue.length > 0) start();
        else bell.ring();
      });
  }

  function push(entry: Entry): void {
    if (hasFailed) return;
    queue.push(entry);
    start();
  }

  return {
    pendingBytes: () => pending,
    add(position, pieces) {
      const length = lengthOf(pieces);
      if (!hasFailed) pending += length;
      push({ position, pieces, length });
    },
    whenWritten: (done) => push({ done }),
    idle: () => bell.until(() => !isWorking),
  };
}

/** The stretches at the head of the queue that follow each other in the file. */
function takeBatch(queue: Entry[]): readonly Stretch[] {
  const batch: Stretch[] = [];
  let bytes = 0;
  let end: number | undefined;
  for (const entry of queue) {
    if ('done' in entry || (end !== undefined && entry.position !== end)) break;
    if (batch.length > 0 && bytes + entry.length > TRANSFER_BATCH_BYTES) break;
    batch.push(entry);
    bytes += entry.length;
    end = entry.position + entry.length;
  }
  queue.splice(0, batch.length);
  return batch;
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, bytes) => sum + bytes.length, 0);
}
