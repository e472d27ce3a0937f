import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRangeQueue } from '../../../../../src/fetcher/transfer/serve/range-queue.ts';
import {
  type BatchReader,
  createBatchReader,
  type Framing,
  inPieces,
} from '../../../../../src/fetcher/transfer/serve/read-batches.ts';
import { decodeFrame } from '../../../../../src/fetcher/transfer/transfer-frame.ts';
import { TRANSFER_BATCH_BYTES, TRANSFER_LONG_MESSAGE_BYTES } from '../../../../../src/limits.ts';
import { giveBackMessageMemory, takeMessageMemory } from '../../../../../src/message-memory.ts';
import { someBytes } from '../../../../support/fetcher/announced-file.ts';

const bytes = someBytes(2000);
const source = {
  async read(buffers: readonly Uint8Array[], position: number) {
    let at = position;
    for (const buffer of buffers) {
      buffer.set(bytes.subarray(at, at + buffer.length));
      at += buffer.length;
    }
  },
};

interface Sent {
  /** The file as far as it was sent, zeros elsewhere. */
  readonly arrived: Uint8Array;
  readonly memory: ReadonlySet<ArrayBufferLike>;
}

/** All that the reader gives for one range. */
async function send(reader: BatchReader, range: readonly [number, number], framing: Framing): Promise<Sent> {
  const queue = createRangeQueue();
  queue.add([range]);
  const arrived = new Uint8Array(bytes.length);
  const memory = new Set<ArrayBufferLike>();
  for await (const batch of reader.read(queue.next, () => framing)) {
    for (const { message } of batch) {
      memory.add(message.buffer);
      const frame = decodeFrame(message);
      if (frame.kind === 'piece') arrived.set(frame.bytes, frame.start);
    }
  }
  return { arrived, memory };
}

function onlyThere([start, end]: readonly [number, number]): Uint8Array {
  const there = new Uint8Array(bytes.length);
  there.set(bytes.subarray(start, end), start);
  return there;
}

const range = fc
  .tuple(fc.nat(bytes.length), fc.nat(bytes.length))
  .filter(([one, other]) => one !== other)
  .map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const);

describe('reading a file in batches', () => {
  it('gives each range that is asked for, one after the other, whatever the length of messages', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(range, fc.constantFrom(16, 64)), { maxLength: 4 }), async (asked) => {
        const reader = createBatchReader(source);
        for (const [one, length] of asked) {
          const { arrived } = await send(reader, one, inPieces(length));
          expect(Buffer.compare(arrived, onlyThere(one))).toBe(0);
        }
      }),
    ));

  it('takes no new memory when it is asked for more', async () => {
    const reader = createBatchReader(source);
    const { memory } = await send(reader, [0, bytes.length], inPieces(16));
    const again = await send(reader, [0, bytes.length], inPieces(16));
    expect([...again.memory].filter((one) => !memory.has(one))).toEqual([]);
  });

  it('gives the memory of long messages back when it is closed', async () => {
    const reader = createBatchReader(source);
    const { memory } = await send(reader, [0, bytes.length], inPieces(TRANSFER_LONG_MESSAGE_BYTES));
    reader.close();
    const next = Array.from({ length: (2 * TRANSFER_BATCH_BYTES) / TRANSFER_LONG_MESSAGE_BYTES }, () =>
      takeMessageMemory(TRANSFER_LONG_MESSAGE_BYTES),
    );
    for (const one of next) giveBackMessageMemory(one);
    expect(next.filter(({ buffer }) => memory.has(buffer)).length).toBe(memory.size);
  });
});
