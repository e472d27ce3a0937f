import type { FileHandle } from 'node:fs/promises';
import type { BlockBuffers } from './block-buffers.ts';

export interface BlocksOptions {
  readonly buffers: BlockBuffers;
  readonly start?: number;
  /** How far may be read, once everything before `position` was. Returns `position` at the end; may wait; may throw. */
  end(position: number): number | Promise<number>;
}

/**
 * A stretch of a file in blocks of `HASH_BATCH_BYTES` or less. Reads one block ahead, so that the disk and the processor
 * work at the same time. A block is the caller's until it asks for the next. Ends early where the file does.
 */
export async function* readBlocks(
  file: FileHandle,
  { buffers, start = 0, end }: BlocksOptions,
): AsyncGenerator<Uint8Array> {
  let position = start;

  async function readInto(buffer: Uint8Array): Promise<number> {
    const length = Math.min((await end(position)) - position, buffer.length);
    return length > 0 ? (await file.read(buffer, 0, length, position)).bytesRead : 0;
  }

  let [current, ahead] = [buffers.take(), buffers.take()];
  let reading = readInto(current);
  try {
    for (let length = await reading; length > 0; length = await reading) {
      const block = current.subarray(0, length);
      position += length;
      reading = readInto(ahead);
      // It may fail while the caller works on the block; it is awaited, and thrown, after that.
      reading.catch(() => {});
      [current, ahead] = [ahead, current];
      yield block;
    }
  } finally {
    // Nothing may be read into a buffer that somebody else has by then.
    await reading.catch(() => {});
    buffers.giveBack(current);
    buffers.giveBack(ahead);
  }
}
