import { TRANSFER_BATCH_BYTES } from '../../limits.ts';
import { giveBackMessageMemory } from '../../message-memory.ts';
import { type ChunkLayout, chunkAt } from '../chunks/chunk-layout.ts';

/** Tiny ones take more room than their bytes. */
const MOST_PIECES = 64;

/** The bytes of one chunk that have come and are not on their way to the disk, in order. */
export interface Stretch {
  readonly position: number;
  readonly pieces: readonly Uint8Array[];
}

/**
 * What is gathered of chunks until there is enough of each for a write of its own: a trip to the disk for every message
 * costs more than the write.
 */
export interface BegunChunks {
  /** Bytes that are held. */
  heldBytes(): number;
  /**
   * True when what is held of the chunk is worth a write. What was held of it before is forgotten where the bytes do
   * not go on from there.
   */
  add(position: number, bytes: Uint8Array): boolean;
  /** What is held of the chunk, and no longer is; undefined when that is nothing. */
  take(chunk: number): Stretch | undefined;
  takeAll(): readonly Stretch[];
}

interface Held extends Stretch {
  readonly pieces: Uint8Array[];
  end: number;
}

export function createBegunChunks(layout: ChunkLayout): BegunChunks {
  const chunks = new Map<number, Held>();
  let total = 0;

  function take(chunk: number): Held | undefined {
    const held = chunks.get(chunk);
    if (held) total -= held.end - held.position;
    chunks.delete(chunk);
    return held;
  }

  /** The chunk has begun anew: somebody else sends all of it. */
  function forget(chunk: number): void {
    for (const bytes of take(chunk)?.pieces ?? []) giveBackMessageMemory(bytes);
  }

  function begin(chunk: number, position: number): Held {
    const begun = { position, pieces: [], end: position };
    chunks.set(chunk, begun);
    return begun;
  }

  return {
    heldBytes: () => total,
    add(position, bytes) {
      const chunk = chunkAt(layout, position);
      if (chunks.get(chunk)?.end !== position) forget(chunk);
      const held = chunks.get(chunk) ?? begin(chunk, position);
      held.pieces.push(bytes);
      held.end += bytes.length;
      total += bytes.length;
      return held.end - held.position >= TRANSFER_BATCH_BYTES || held.pieces.length >= MOST_PIECES;
    },
    take,
    takeAll: () => [...chunks.keys()].flatMap((chunk) => take(chunk) ?? []),
  };
}
