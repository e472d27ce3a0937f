import { constants, createInflate } from 'node:zlib';

export type InflatedStream =
  | { readonly outcome: 'done'; readonly bytes: Uint8Array; readonly consumed: number }
  /** The input ends before the deflated stream does. */
  | { readonly outcome: 'short' };

/**
 * Inflates one small stream after the other with one engine of zlib. The functions that Node offers for it make an
 * engine for each stream, which costs more than inflating a commit does and leaves 10 KiB to the garbage collector; so
 * this one is the engine behind a stream of Node's, which the published types do not show. Where a later Node has none
 * of this form, nothing is inflated here.
 */
export class Inflater {
  readonly #engine = engineOf(createInflate());
  #failure: string | undefined;

  constructor() {
    if (this.#engine) this.#engine._handle.onerror = (_message, _number, code) => this.#fail(code);
  }

  /**
   * Inflates the stream at the beginning of `input`, which has to give exactly `size` bytes; never produces more than one more.
   * Undefined when that is not so, whatever the reason: to be found out in another way. The bytes are in `room` where they fit
   * into it, otherwise in memory of their own.
   */
  inflate(input: Uint8Array, size: number, room?: Uint8Array): InflatedStream | undefined {
    if (!this.#engine) return undefined;
    const { _handle: handle, _writeState: state } = this.#engine;
    // One byte more than stated fits, so that a longer stream is noticed.
    const output = room && size < room.byteLength ? room : Buffer.allocUnsafe(size + 1);
    this.#failure = undefined;
    handle.reset();
    handle.writeSync(constants.Z_FINISH, input, 0, input.byteLength, output, 0, size + 1);
    if (this.#failure !== undefined) return this.#failure === 'Z_BUF_ERROR' ? { outcome: 'short' } : undefined;
    const [unused, left = 0] = state;
    if (unused !== 1) return undefined;
    return { outcome: 'done', bytes: output.subarray(0, size), consumed: input.byteLength - left };
  }

  #fail(code: string): void {
    this.#failure = code;
  }
}

interface Engine {
  readonly _handle: EngineHandle;
  /** What a write leaves: the room in the output, and the bytes of the input. */
  readonly _writeState: Uint32Array;
}

interface EngineHandle {
  onerror: (message: string, number: number, code: string) => void;
  reset(): void;
  writeSync(
    ...args: [flush: number, input: Uint8Array, at: number, bytes: number, output: Uint8Array, at: number, room: number]
  ): void;
}

function engineOf(stream: object): Engine | undefined {
  const { _handle, _writeState } = stream as Partial<Engine>;
  const isOfThisForm =
    typeof _handle?.writeSync === 'function' &&
    typeof _handle.reset === 'function' &&
    _writeState instanceof Uint32Array;
  return isOfThisForm ? { _handle, _writeState } : undefined;
}
