import { createBell } from '../../bell.ts';
import { BATCH_BYTES, BATCH_FILES, BATCH_PENDING_BYTES, BATCHES_PLACED_AT_ONCE } from '../../limits.ts';
import type { ArrivedFile } from './asker-machine.ts';

/**
 * Files that arrived, on their way to the disk: batch after batch, each of what has gathered meanwhile. While one is being
 * flushed the next is hashed and written.
 */
export interface PlacingQueue {
  add(files: readonly ArrivedFile[]): void;
  /** Resolves when fewer than `BATCH_PENDING_BYTES` wait. */
  room(): Promise<void>;
  /** Resolves when nothing waits and nothing is being placed. */
  idle(): Promise<void>;
}

/** `place` must not reject. */
export function createPlacingQueue(place: (batch: readonly ArrivedFile[]) => Promise<void>): PlacingQueue {
  const bell = createBell();
  const waiting: ArrivedFile[] = [];
  let underWay = 0;

  async function placeAll(): Promise<void> {
    underWay += 1;
    while (waiting.length > 0) {
      await place(takeBatch(waiting));
      bell.ring();
    }
    underWay -= 1;
    bell.ring();
  }

  return {
    add(files) {
      waiting.push(...files);
      if (underWay < BATCHES_PLACED_AT_ONCE) void placeAll();
    },
    room: () => bell.until(() => bytesOf(waiting) < BATCH_PENDING_BYTES),
    idle: () => bell.until(() => underWay === 0),
  };
}

/** Takes as many files out of the front as make a batch; one at least. */
function takeBatch(files: ArrivedFile[]): ArrivedFile[] {
  let [count, bytes] = [0, 0];
  for (const file of files) {
    if (count > 0 && (count === BATCH_FILES || bytes + file.bytes.length > BATCH_BYTES)) break;
    count += 1;
    bytes += file.bytes.length;
  }
  return files.splice(0, count);
}

function bytesOf(files: readonly ArrivedFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
