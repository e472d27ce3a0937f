import type { Chunks } from '../../events/chunks.ts';
import type { ChunkLayout } from '../chunks/chunk-layout.ts';
import type { AnnouncedFile } from '../ports.ts';

/** A file that was announced with chunks. */
export interface ChunkedFile extends AnnouncedFile {
  readonly chunks: Chunks;
}

export function isInChunks(file: AnnouncedFile): file is ChunkedFile {
  return file.chunks !== undefined;
}

export function layoutOf({ totalSize, chunks }: ChunkedFile): ChunkLayout {
  return { totalSize, size: chunks.size };
}

/** The same file, as if it had been announced without chunks. */
export function withoutChunks({ chunks: _, ...file }: AnnouncedFile): AnnouncedFile {
  return file;
}
