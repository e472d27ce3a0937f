import { createBell } from '../../bell.ts';
import { TRANSFER_PENDING_BYTES } from '../../limits.ts';
import { type ChunkLayout, chunkAt } from '../chunks/chunk-layout.ts';
import type { ChunkIntake } from '../ports.ts';
import { createBegunChunks, type Stretch } from './begun-chunks.ts';

/** So that chunks which nobody goes on with leave room for others. */
const MOST_HELD_BYTES = TRANSFER_PENDING_BYTES / 2;

export interface ChunkLaneOptions {
  readonly layout: ChunkLayout;
  readonly intake: Pick<ChunkIntake, 'write'>;
  /** After each write; with the chunk that is whole by it, and its hash. */
  onWritten(whole: { readonly chunk: number; readonly hash: Uint8Array } | undefined): void;
  /** Called once; the lane takes nothing more after it. */
  onFailed(error: unknown): void;
}

/** The way of chunks to the disk: each goes at once when it is whole, a long one in parts. */
export interface ChunkLane {
  /** Bytes that were given and are not written. */
  pendingBytes(): number;
  /** The bytes belong to the lane. */
  write(position: number, bytes: Uint8Array): void;
  /** All bytes of the chunk were given. */
  finish(chunk: number): void;
  /** Resolves when nothing is being written. */
  idle(): Promise<void>;
}

export function createChunkLane({ layout, intake, onWritten, onFailed }: ChunkLaneOptions): ChunkLane {
  const begun = createBegunChunks(layout);
  const bell = createBell();
  let leaving = 0;
  let hasFailed = false;

  function fail(error: unknown): void {
    if (hasFailed) return;
    hasFailed = true;
    onFailed(error);
  }

  async function write(stretch: Stretch, length: number): Promise<void> {
    try {
      const hash = await intake.write(stretch);
      leaving -= length;
      if (!hasFailed) onWritten(hash && { chunk: chunkAt(layout, stretch.position), hash });
    } catch (error) {
      leaving -= length;
      fail(error);
    }
    bell.ring();
  }

  function send(stretch: Stretch | undefined): void {
    if (!stretch || hasFailed) return;
    const length = stretch.pieces.reduce((sum, bytes) => sum + bytes.length, 0);
    leaving += length;
    void write(stretch, length);
  }

  return {
    pendingBytes: () => begun.heldBytes() + leaving,
    write(position, bytes) {
      if (begun.add(position, bytes)) send(begun.take(chunkAt(layout, position)));
      if (begun.heldBytes() >= MOST_HELD_BYTES) begun.takeAll().forEach(send);
    },
    finish: (chunk) => send(begun.take(chunk)),
    idle: () => bell.until(() => leaving === 0),
  };
}
