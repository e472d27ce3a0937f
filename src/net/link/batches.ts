import { LINK_WRITE_AHEAD_BYTES } from '../../limits.ts';
import { encodeHeader, FRAME_HEADER_BYTES, type Frame } from './frame.ts';

/** What TLS seals at a time. */
const RECORD_BYTES = 16 * 1024;
/** Three are ahead at most: one that is being written, one that is full, and the next one with the rest of a frame. */
const BATCHES = 3;
/** Whole records: each one costs the other side the same, however short it is. Longer than any frame. */
const BATCH_BYTES = Math.floor(LINK_WRITE_AHEAD_BYTES / BATCHES / RECORD_BYTES) * RECORD_BYTES;

/** Part of what a stream is to write, in memory that is used again. */
export interface Batch {
  readonly memory: Buffer;
  end: number;
}

/** Frames one behind the other, cut into batches: where one is full, the frame goes on in the next one. */
export interface Batches {
  readonly isEmpty: boolean;
  /** No batch is full: a frame may be added. */
  readonly hasRoom: boolean;
  /** Copies the frame. */
  add(frame: Frame): void;
  /** The one that comes first, full or not. */
  take(): Batch | undefined;
}

export function createBatches(): Batches {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  let full: Batch | undefined;
  let gathering: Batch | undefined;

  function append(bytes: Uint8Array): void {
    gathering ??= { memory: takeMemory(), end: 0 };
    const room = BATCH_BYTES - gathering.end;
    if (bytes.byteLength < room) {
      gathering.memory.set(bytes, gathering.end);
      gathering.end += bytes.byteLength;
      return;
    }
    gathering.memory.set(bytes.subarray(0, room), gathering.end);
    gathering.end = BATCH_BYTES;
    full = gathering;
    gathering = undefined;
    if (bytes.byteLength > room) append(bytes.subarray(room));
  }

  return {
    get isEmpty() {
      return full === undefined && gathering === undefined;
    },
    get hasRoom() {
      return full === undefined;
    },
    add(frame) {
      const body = encodeHeader(frame, header);
      append(header);
      append(body);
    },
    take() {
      const first = full ?? gathering;
      if (full) full = undefined;
      else gathering = undefined;
      return first;
    },
  };
}

/** Memory that all links share: outside of the heap it is costly to get and, for the garbage collector, to give up. */
const spare: Buffer[] = [];
const SPARE_BATCHES = 8;

function takeMemory(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(BATCH_BYTES);
}

/** Nobody reads the batch any more. */
export function giveBackBatch({ memory }: Batch): void {
  if (spare.length < SPARE_BATCHES) spare.push(memory);
}
