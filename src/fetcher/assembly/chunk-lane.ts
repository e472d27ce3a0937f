import { TRANSFER_PENDING_BYTES } from '../../limits.ts';
import { createWriteLane, type WriteLane, type WriteLaneOptions } from '../write-lane.ts';
import { createBegunChunks, type Stretch } from './begun-chunks.ts';
import { type ChunkLayout, chunkAt } from './chunk-layout.ts';

/** So that chunks which nobody goes on with leave room for others. */
const MOST_HELD_BYTES = TRANSFER_PENDING_BYTES / 2;

/** The way of chunks to the disk: each is written at once when it is whole, a long one in parts. */
export interface ChunkLane extends Pick<WriteLane, 'pendingBytes' | 'idle'> {
  /** The bytes belong to the lane. */
  write(position: number, bytes: Uint8Array): void;
  /** Nothing more of the chunk comes: calls back once all of it is written; never when the lane has failed. */
  whenWritten(chunk: number, done: () => void): void;
}

export function createChunkLane(layout: ChunkLayout, options: WriteLaneOptions): ChunkLane {
  const lane = createWriteLane(options);
  const begun = createBegunChunks(layout);
  const send = (stretch: Stretch | undefined) => stretch && lane.add(stretch.position, stretch.pieces);

  return {
    pendingBytes: () => begun.heldBytes() + lane.pendingBytes(),
    idle: lane.idle,
    write(position, bytes) {
      if (begun.add(position, bytes)) send(begun.take(chunkAt(layout, position)));
      if (begun.heldBytes() >= MOST_HELD_BYTES) begun.takeAll().forEach(send);
    },
    whenWritten(chunk, done) {
      send(begun.take(chunk));
      lane.whenWritten(done);
    },
  };
}
