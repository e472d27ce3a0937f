import { constants, createInflate, type Inflate } from 'node:zlib';
import { SyncError } from '../../../errors.ts';
import { GIT_OBJECT_BYTES } from '../../../limits.ts';

export type Inflated =
  | { readonly outcome: 'done'; readonly bytes: Uint8Array; readonly consumed: number }
  /** The input ends before the deflated stream does. */
  | { readonly outcome: 'short' };

/**
 * Inflates the stream at the beginning of `input`, which must give exactly `size` bytes; what follows the stream is left alone.
 * Never produces more than `size` + 1 bytes, whatever the stream holds. Throws MALFORMED, LIMIT_EXCEEDED.
 *
 * Synchronous, because a conversation's objects are a few hundred bytes: setting up a stream costs ten times the work.
 */
export function inflateExactly(input: Uint8Array, size: number): Inflated {
  if (size > GIT_OBJECT_BYTES) {
    throw new SyncError('LIMIT_EXCEEDED', { what: 'Git object', limit: GIT_OBJECT_BYTES, actual: size });
  }
  // One byte more than stated fits, so that a longer result is noticed, and room is left when the stream has ended.
  const room = Buffer.allocUnsafe(size + 1);
  const { failure, left, unread } = shared.run(input, room);
  if (failure?.code === 'Z_BUF_ERROR') return { outcome: 'short' };
  if (failure) throw malformed(failure.message);
  if (left === 0) throw malformed(`an object states ${size} bytes and has more`);
  if (left > 1) throw malformed(`an object states ${size} bytes and has ${size + 1 - left}`);
  return { outcome: 'done', bytes: room.subarray(0, size), consumed: input.byteLength - unread };
}

/** The part of zlib's binding behind its streams that `inflateSync` uses as well, and the published types leave out. */
interface InflateHandle {
  onerror: (message: string, errno: number, code: string) => void;
  reset(): void;
  writeSync(
    flush: number,
    input: Uint8Array,
    at: number,
    length: number,
    output: Uint8Array,
    to: number,
    room: number,
  ): void;
}

interface Outcome {
  readonly failure: { readonly message: string; readonly code: string } | undefined;
  /** Room that was not needed. */
  readonly left: number;
  /** Input that comes after the stream. */
  readonly unread: number;
}

/**
 * One inflater, used again for every object. `inflateSync` makes one for each call and leaves it to the garbage collector,
 * which takes as long as inflating a commit does.
 */
class SharedInflater {
  readonly #handle: InflateHandle;
  /** What the binding says after each call: the room and the input that are left. */
  readonly #state: Uint32Array;
  #failure: Outcome['failure'];

  constructor() {
    const { _handle: handle, _writeState: state } = createInflate() as Inflate & {
      readonly _handle: InflateHandle;
      readonly _writeState: Uint32Array;
    };
    this.#handle = handle;
    this.#state = state;
    handle.onerror = (message, _errno, code) => {
      this.#failure = { message, code };
    };
  }

  run(input: Uint8Array, output: Uint8Array): Outcome {
    this.#failure = undefined;
    this.#handle.reset();
    this.#handle.writeSync(constants.Z_FINISH, input, 0, input.byteLength, output, 0, output.byteLength);
    const [left = 0, unread = 0] = this.#state;
    return { failure: this.#failure, left, unread };
  }
}

const shared = new SharedInflater();

function malformed(detail: string): SyncError {
  return new SyncError('MALFORMED', { what: 'deflated data', detail });
}
