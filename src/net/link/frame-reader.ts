import { takeMessageMemory } from '../../message-memory.ts';
import { decodeFrame, decodeHeader, FRAME_HEADER_BYTES, type Frame, type FrameHeader } from './frame.ts';

/** Cuts a byte stream into frames, however the stream was cut before. */
export interface FrameReader {
  /**
   * Hands out each frame as soon as it is whole, in memory of its own. Throws PROTOCOL_BROKEN; the reader is of no use
   * afterwards. It is called for each TLS record: nothing is made for those that are the inside of a long message.
   */
  push(chunk: Uint8Array, onFrame: (frame: Frame) => void): void;
}

/** Memory for a body is taken once its length was found to be within the limits: at most one body's length is held per link. */
export function createFrameReader(): FrameReader {
  const headerMemory = Buffer.alloc(FRAME_HEADER_BYTES);
  const header = createGatherer(() => headerMemory);
  header.expect(FRAME_HEADER_BYTES);
  const body = createGatherer(takeMessageMemory);
  let current: FrameHeader | undefined;

  return {
    push(chunk, onFrame) {
      for (let at = 0; at < chunk.byteLength; ) {
        if (current === undefined) {
          at += header.take(chunk, at);
          if (!header.isWhole()) return;
          current = decodeHeader(header.gathered());
          body.expect(current.bodyBytes);
        }
        at += body.take(chunk, at);
        if (!body.isWhole()) return;
        const frame = decodeFrame(current, body.gathered());
        current = undefined;
        header.expect(FRAME_HEADER_BYTES);
        onFrame(frame);
      }
    },
  };
}

/** Collects a known number of bytes. */
interface Gatherer {
  expect(bytes: number): void;
  /** Takes what is missing from the chunk, from `start` on; returns how much that was. */
  take(chunk: Uint8Array, start: number): number;
  isWhole(): boolean;
  gathered(): Uint8Array;
}

function createGatherer(takeMemory: (bytes: number) => Uint8Array): Gatherer {
  let gathered: Uint8Array = new Uint8Array(0);
  let count = 0;
  return {
    expect(bytes) {
      gathered = takeMemory(bytes);
      count = 0;
    },
    take(chunk, start) {
      const length = Math.min(chunk.byteLength - start, gathered.byteLength - count);
      gathered.set(length === chunk.byteLength ? chunk : chunk.subarray(start, start + length), count);
      count += length;
      return length;
    },
    isWhole: () => count === gathered.byteLength,
    gathered: () => gathered,
  };
}
