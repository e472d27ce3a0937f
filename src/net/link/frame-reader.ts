import { takeMessageMemory } from '../../message-memory.ts';
import { decodeFrame, decodeHeader, FRAME_HEADER_BYTES, type Frame, type FrameHeader } from './frame.ts';

/** Cuts a byte stream into frames, however the stream was cut before. */
export interface FrameReader {
  /** The frames that are whole now, in memory of their own. Throws PROTOCOL_BROKEN; the reader is of no use afterwards. */
  push(chunk: Uint8Array): Iterable<Frame>;
}

/** Memory for a body is taken once its length was found to be within the limits: at most one body's length is held per link. */
export function createFrameReader(): FrameReader {
  const headerMemory = Buffer.alloc(FRAME_HEADER_BYTES);
  const header = createGatherer(() => headerMemory);
  header.expect(FRAME_HEADER_BYTES);
  const body = createGatherer(takeMessageMemory);
  let current: FrameHeader | undefined;

  /** Fills the header, then the body; says what is left of the chunk, and the frame once it is whole. */
  function fill(chunk: Uint8Array): { readonly rest: Uint8Array; readonly frame: Frame | undefined } {
    let rest = chunk;
    if (current === undefined) {
      const taken = header.take(rest);
      rest = taken.rest;
      if (taken.whole === undefined) return { rest, frame: undefined };
      current = decodeHeader(taken.whole);
      header.expect(FRAME_HEADER_BYTES);
      body.expect(current.bodyBytes);
    }
    const taken = body.take(rest);
    if (taken.whole === undefined) return { rest: taken.rest, frame: undefined };
    const frame = decodeFrame(current, taken.whole);
    current = undefined;
    return { rest: taken.rest, frame };
  }

  function* framesOf(chunk: Uint8Array): Generator<Frame> {
    for (let rest = chunk; rest.byteLength > 0; ) {
      const filled = fill(rest);
      rest = filled.rest;
      if (filled.frame) yield filled.frame;
    }
  }

  return {
    push(chunk) {
      // Most of what comes is the inside of a long message.
      if (current !== undefined && body.swallow(chunk)) return NOTHING;
      return framesOf(chunk);
    },
  };
}

const NOTHING: readonly Frame[] = [];

interface Gatherer {
  expect(bytes: number): void;
  /** Takes all of it, if something is still missing then. */
  swallow(chunk: Uint8Array): boolean;
  take(chunk: Uint8Array): { readonly whole: Uint8Array | undefined; readonly rest: Uint8Array };
}

/** Collects a known number of bytes. */
function createGatherer(takeMemory: (bytes: number) => Uint8Array): Gatherer {
  let gathered: Uint8Array = new Uint8Array(0);
  let count = 0;
  return {
    expect(bytes) {
      gathered = takeMemory(bytes);
      count = 0;
    },
    swallow(chunk) {
      if (count + chunk.byteLength >= gathered.byteLength) return false;
      gathered.set(chunk, count);
      count += chunk.byteLength;
      return true;
    },
    take(chunk) {
      const part = chunk.subarray(0, gathered.byteLength - count);
      gathered.set(part, count);
      count += part.byteLength;
      const whole = count === gathered.byteLength ? gathered : undefined;
      return { whole, rest: chunk.subarray(part.byteLength) };
    },
  };
}
