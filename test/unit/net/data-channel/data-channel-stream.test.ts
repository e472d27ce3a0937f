import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataChannelStream, type OpenDataChannel } from '../../../../src/net/data-channel/data-channel-stream.ts';

const KiB = 1024;
const MESSAGE_BYTES = 64 * KiB;
/** Less than this waits to be given up. */
const GIVEN_UP_BYTES = 512 * KiB;

/** One end of a data channel whose other end is the test. */
function fakeChannel() {
  const sent: (string | Buffer)[] = [];
  const state = { buffered: 0, isClosed: false };
  let low = () => {};
  let receive: (message: string | Buffer) => void = () => {};
  const send = (message: string | Buffer) => {
    if (state.isClosed) throw new Error('the channel is closed');
    sent.push(message);
  };
  const channel: OpenDataChannel = {
    sendMessageBinary: (bytes) => send(Buffer.from(bytes)),
    sendMessage: send,
    bufferedAmount: () => state.buffered,
    setBufferedAmountLowThreshold() {},
    onBufferedAmountLow(listener) {
      low = listener;
    },
    onMessage(listener) {
      receive = listener;
    },
  };
  const stream = new DataChannelStream(channel, () => {});
  return { stream, sent, state, low: () => low(), receive: (message: string | Buffer) => receive(message) };
}

function write(stream: DataChannelStream, bytes: Uint8Array): Promise<Error | null | undefined> {
  return new Promise((resolve) => stream.write(bytes, resolve));
}

/** In memory that nothing else lies in. */
function ownMemory(bytes: number, fill = 7): Buffer {
  return Buffer.allocUnsafeSlow(bytes).fill(fill);
}

describe('a data channel as a stream', () => {
  it('carries what is written, in messages of 64 KiB at most, and hands it out in order', async () => {
    const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 50_000 }), async (seeds, times) => {
        const [near, far] = [fakeChannel(), fakeChannel()];
        const written = seeds.map((seed) => Buffer.alloc(seed.length * times, seed));
        const heard: Buffer[] = [];
        far.stream.on('data', (bytes: Buffer) => heard.push(Buffer.from(bytes)));
        for (const piece of written) await write(near.stream, Buffer.from(piece));
        for (const message of near.sent) far.receive(message);
        expect(near.sent.every((message) => message.length <= MESSAGE_BYTES)).toBe(true);
        expect(Buffer.concat(heard).equals(Buffer.concat(written))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('takes the next piece only when little is left to be sent', async () => {
    const { stream, sent, state, low } = fakeChannel();
    state.buffered = 1024 * KiB;
    const writing = Promise.all([write(stream, Buffer.from('first')), write(stream, Buffer.from('second'))]);
    expect(sent.map(String)).toEqual(['first']);
    state.buffered = 0;
    low();
    await writing;
    expect(sent.map(String)).toEqual(['first', 'second']);
  });

  it('says so when the channel was closed', async () => {
    const { stream, state } = fakeChannel();
    state.isClosed = true;
    stream.on('error', () => {});
    expect(await write(stream, Buffer.from('too late'))).toMatchObject({ code: 'CHANNEL_CLOSED' });
  });
});

describe('the memory of what passes through a data channel', () => {
  it('is given up once it is sent', async () => {
    const { stream, sent } = fakeChannel();
    const bytes = ownMemory(GIVEN_UP_BYTES);
    await write(stream, bytes);
    expect(bytes.byteLength).toBe(0);
    expect(Buffer.concat(sent as Buffer[]).equals(Buffer.alloc(GIVEN_UP_BYTES, 7))).toBe(true);
  });

  it('is given up once it was heard, and not before', async () => {
    const { stream, receive } = fakeChannel();
    let heard = 0;
    stream.on('data', (bytes: Buffer) => {
      heard += bytes.filter((byte) => byte === 7).length;
    });
    await once(stream, 'resume');
    const messages = Array.from({ length: 20 }, () => ownMemory(MESSAGE_BYTES));
    for (const message of messages) receive(message);
    expect(heard).toBe(20 * MESSAGE_BYTES);
    const kept = messages.reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(kept).toBeLessThan(GIVEN_UP_BYTES);
  });

  it('stays until somebody listens', async () => {
    const { stream, receive } = fakeChannel();
    const messages = Array.from({ length: 10 }, (_, n) => ownMemory(MESSAGE_BYTES, n));
    for (const message of messages) receive(message);
    receive('end');
    const heard: Buffer[] = [];
    for await (const bytes of stream.iterator({ destroyOnReturn: false })) heard.push(Buffer.from(bytes as Buffer));
    const expected = messages.map((_, n) => Buffer.alloc(MESSAGE_BYTES, n));
    expect(Buffer.concat(heard).equals(Buffer.concat(expected))).toBe(true);
  });

  it('stays where others share it', async () => {
    const { stream } = fakeChannel();
    const shared = ownMemory(2 * GIVEN_UP_BYTES);
    await write(stream, shared.subarray(0, GIVEN_UP_BYTES));
    expect(shared.byteLength).toBe(2 * GIVEN_UP_BYTES);
  });
});
