import { chunkCount } from '../../events/chunk-construction.ts';
import type { Range, Ranges } from '../ranges.ts';

/** How a file is cut into chunks, numbered from 0. Sizes in bytes. */
export interface ChunkLayout {
  readonly totalSize: number;
  /** Of every chunk but the last. */
  readonly size: number;
}

export function countOf({ totalSize, size }: ChunkLayout): number {
  return chunkCount(totalSize, size);
}

export function chunkAt({ size }: ChunkLayout, position: number): number {
  return Math.floor(position / size);
}

/** The bytes of chunks `[first, last)`. */
export function bytesOf({ totalSize, size }: ChunkLayout, [first, last]: Range): Range {
  return [first * size, Math.min(last * size, totalSize)];
}

/** The chunks that lie in the bytes as a whole. */
export function chunksWithin({ totalSize, size }: ChunkLayout, bytes: Ranges): Ranges {
  return bytes
    .map(
      ([start, end]): Range => [
        Math.ceil(start / size),
        end >= totalSize ? Math.ceil(totalSize / size) : Math.floor(end / size),
      ],
    )
    .filter(([first, last]) => first < last);
}

/** The chunks that the bytes touch. */
export function chunksAround({ size }: ChunkLayout, [start, end]: Range): Range {
  return [Math.floor(start / size), Math.ceil(end / size)];
}
