import type { Decoded } from '../../events/decode.ts';
import { Column } from '../graph/column.ts';
import { contentFrom, contentToBytes } from './content-bytes.ts';

const BLOCK_BYTES = 64 * 1024;

/** What interactions say, as bytes, until it is asked for: a row for each. */
export class ContentBlocks {
  readonly #blocks: Buffer[] = [];
  readonly #block = new Column(Int32Array);
  /** A row's bytes begin where those of the row before end, or with their block. */
  readonly #end = new Column(Int32Array);
  /** How much of the last block is taken; all of it when it is somebody else's. */
  #taken = BLOCK_BYTES;

  add(content: Decoded): void {
    const bytes = contentToBytes(content);
    if (this.#taken + bytes.byteLength > BLOCK_BYTES) {
      this.#blocks.push(Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, bytes.byteLength)));
      this.#taken = 0;
    }
    bytes.copy(this.#blocks.at(-1) ?? bytes, this.#taken);
    this.#taken += bytes.byteLength;
    this.#block.push(this.#blocks.length - 1);
    this.#end.push(this.#taken);
  }

  /** Takes the bytes of many rows as they are. `ends` says where each one's end. */
  addAll(bytes: Buffer, ends: Int32Array): void {
    this.#blocks.push(bytes);
    this.#taken = BLOCK_BYTES;
    this.#block.pushAll(new Int32Array(ends.length).fill(this.#blocks.length - 1));
    this.#end.pushAll(ends);
  }

  at(row: number): Decoded {
    return contentFrom(this.bytesAt(row));
  }

  bytesAt(row: number): Buffer {
    const block = this.#block.at(row);
    const isFirst = row === 0 || this.#block.at(row - 1) !== block;
    return (this.#blocks[block] ?? Buffer.alloc(0)).subarray(isFirst ? 0 : this.#end.at(row - 1), this.#end.at(row));
  }
}
