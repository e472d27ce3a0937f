import { describe, expect, it } from 'vitest';
import { createPace, shareOf } from '../../../../../src/fetcher/pace/pace.ts';
import type { AnnouncedFile } from '../../../../../src/fetcher/ports.ts';
import { type Outflow, openOutflow } from '../../../../../src/fetcher/transfer/serve/outflow.ts';
import { PIECE_HEADER_BYTES } from '../../../../../src/fetcher/transfer/transfer-frame.ts';
import {
  CHANNEL_WINDOW_BYTES,
  SOURCE_FIRST_WINDOW_BYTES,
  TRANSFER_LONG_MESSAGE_BYTES,
  TRANSFER_MESSAGE_BYTES,
  TRANSFER_RANGES_WAITING,
} from '../../../../../src/limits.ts';
import type { Channel } from '../../../../../src/ports.ts';
import { announcedFile, inChunks, someBytes } from '../../../../support/fetcher/announced-file.ts';
import { channelPair } from '../../../../support/net/channel-pair.ts';
import { createVirtualClock } from '../../../../support/time/virtual-clock.ts';

const bytes = someBytes(2 * (TRANSFER_RANGES_WAITING + 1));
const file = inChunks(announcedFile(bytes), bytes, 65_536);
const CHUNK_BYTES = 1024 * 1024;
const longFile = { ...file, totalSize: 64 * CHUNK_BYTES, chunks: { ...file.chunks, size: CHUNK_BYTES } };

/** The outflow of a file, and how often it had too much to do; unless somebody reads, nothing leaves. */
function outflow(
  file: AnnouncedFile,
  channel: Channel = channelPair('data-transfer', { windowBytes: 1 }).left,
): { readonly flow: Outflow; tooMuch(): number } {
  const source = { read: async () => {} };
  let tooMuch = 0;
  const flow = openOutflow({
    ...{ file, source, channel },
    pace: shareOf(createPace(createVirtualClock()), 'everybody'),
    chunkHashes: async () => new Uint8Array(0),
    onSent: () => {},
    onSentAll: () => {},
    onTooMuch: () => {
      tooMuch += 1;
    },
    onFailed: () => {},
  });
  return { flow, tooMuch: () => tooMuch };
}

/** Single bytes that lie apart, so that none of them are one range. */
const apart = (count: number, first = 0) =>
  Array.from({ length: count }, (_, place) => [2 * (first + place), 2 * (first + place) + 1] as const);

/** Bytes of the file in each message, when so many are asked for at once. */
async function lengthsOf(asked: number): Promise<readonly number[]> {
  const { left, right } = channelPair('data-transfer', { windowBytes: CHANNEL_WINDOW_BYTES });
  await using flow = outflow(longFile, left).flow;
  flow.send({ ranges: [[0, asked]], hashes: false });
  const lengths: number[] = [];
  let lacking = asked;
  for await (const message of right.messages({ signal: new AbortController().signal })) {
    lengths.push(message.length - PIECE_HEADER_BYTES);
    lacking -= message.length - PIECE_HEADER_BYTES;
    if (lacking === 0) break;
  }
  return lengths;
}

describe('what flows to a receiver', () => {
  it('may be asked for in as many ranges as may wait, and not in one more', () => {
    const { flow, tooMuch } = outflow(file);
    flow.send({ ranges: apart(TRANSFER_RANGES_WAITING), hashes: false });
    expect(tooMuch()).toBe(0);
    flow.send({ ranges: apart(1, TRANSFER_RANGES_WAITING), hashes: false });
    expect(tooMuch()).toBe(1);
  });

  it('leaves room for others when the receiver wants some of it no longer', () => {
    const { flow, tooMuch } = outflow(file);
    flow.send({ ranges: apart(TRANSFER_RANGES_WAITING), hashes: false });
    flow.skip(apart(1));
    flow.send({ ranges: apart(1, TRANSFER_RANGES_WAITING), hashes: false });
    expect(tooMuch()).toBe(0);
  });

  it('comes in long messages only while much waits, as one who asks for that has found this side fast', async () => {
    const few = await lengthsOf(SOURCE_FIRST_WINDOW_BYTES);
    expect(new Set(few)).toEqual(new Set([TRANSFER_MESSAGE_BYTES]));
    const many = await lengthsOf(3 * SOURCE_FIRST_WINDOW_BYTES);
    expect(many.filter((length) => length === TRANSFER_LONG_MESSAGE_BYTES).length).toBe(
      (2 * SOURCE_FIRST_WINDOW_BYTES) / TRANSFER_LONG_MESSAGE_BYTES,
    );
  });
});
