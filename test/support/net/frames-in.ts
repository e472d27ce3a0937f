import type { Frame } from '../../../src/net/link/frame.ts';
import type { FrameReader } from '../../../src/net/link/frame-reader.ts';

/** The frames that are whole with the chunk. Throws as the reader does. */
export function framesIn(reader: FrameReader, chunk: Uint8Array): readonly Frame[] {
  const frames: Frame[] = [];
  reader.push(chunk, (frame) => frames.push(frame));
  return frames;
}
