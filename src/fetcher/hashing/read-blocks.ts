import type { FileHandle } from 'node:fs/promises';
import { HASH_BATCH_BYTES } from '../../limits.ts';

export interface BlocksOptions {
  readonly start?: number;
  /** The longest stretch that will ever be read; blocks need not be longer. */
  readonly expected: number;
  /** How far may be read, once everything before `position` was. Returns `position` at the end; may wait; may throw. */
  end(position: number): number | Promise<number>;
}

/**
 * A stretch of a file in blocks of `HASH_BATCH_BYTES` or less. Reads one block ahead, so that the disk and the processor
 * work at the same time. A block is the caller's until it asks for the next. Ends early where the file does.
 */
export async function* readBlocks(
  file: FileHandle,
  { start = 0, expected, end }: BlocksOptions,
): AsyncGenerator<Uint8Array> {
  const blockBytes = Math.max(1, Math.min(expected, HASH_BATCH_BYTES));
  let [filling, spare] = [Buffer.allocUnsafe(blockBytes), Buffer.allocUnsafe(blockBytes)];
  let position = start;

  async function readNext(): Promise<number> {
    const length = Math.min((await end(position)) - position, blockBytes);
    return length > 0 ? (await file.read(filling, 0, length, position)).bytesRead : 0;
  }

  for (let length = await readNext(); length > 0; ) {
    const block = filling.subarray(0, length);
    position += length;
    [filling, spare] = [spare, filling];
    const reading = readNext();
    // It may fail while the caller works on the block; it is awaited, and thrown, after that.
    reading.catch(() => {});
    yield block;
    length = await reading;
  }
}
