import { deserialize, serialize } from 'node:v8';
import type { Decoded } from '../../events/decode.ts';
import { Column } from '../graph/column.ts';

const BLOCK_BYTES = 64 * 1024;

/**
 * What interactions say, as bytes, until it is asked for: a row for each. Structured clones, which keep every value that a body can
 * hold, `-0` and numbers beyond JSON's included.
 */
export class ContentBlocks {
  readonly #blocks: Buffer[] = [];
  readonly #block = new Column(Int32Array);
  readonly #start = new Column(Int32Array);
  readonly #end = new Column(Int32Array);
  /** How much of the last block is taken; all of it when it is somebody else's. */
  #taken = BLOCK_BYTES;

  add(content: Decoded): void {
    const bytes = serialize(content);
    if (this.#taken + bytes.byteLength > BLOCK_BYTES) {
      this.#blocks.push(Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, bytes.byteLength)));
      this.#taken = 0;
    }
    bytes.copy(this.#blocks.at(-1) ?? bytes, this.#taken);
    this.#note(this.#taken, this.#taken + bytes.byteLength);
    this.#taken += bytes.byteLength;
  }

  /** Takes the bytes of many rows as they are. `ends` says where each one's end. */
  addAll(bytes: Buffer, ends: Int32Array): void {
    this.#blocks.push(bytes);
    this.#taken = BLOCK_BYTES;
    let start = 0;
    for (const end of ends) {
      this.#note(start, end);
      start = end;
    }
  }

  at(row: number): Decoded {
    return deserialize(this.bytesAt(row)) as Decoded;
  }

  bytesAt(row: number): Buffer {
    const block = this.#blocks[this.#block.at(row)] ?? Buffer.alloc(0);
    return block.subarray(this.#start.at(row), this.#end.at(row));
  }

  #note(start: number, end: number): void {
    this.#block.push(this.#blocks.length - 1);
    this.#start.push(start);
    this.#end.push(end);
  }
}
