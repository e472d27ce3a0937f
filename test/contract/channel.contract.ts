/** What every channel promises, whatever carries it. The doubles and the real links run the same suite. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isSyncError } from '../../src/errors.ts';
import { CHANNEL_MESSAGE_BYTES, CHANNEL_WINDOW_BYTES } from '../../src/limits.ts';
import type { Channel } from '../../src/ports.ts';
import type { ChannelPair } from '../support/net/channel-pair.ts';
import { patience } from '../support/time/patience.ts';

/** `makePair` opens a channel of the given name and returns both of its ends; disposing the pair closes whatever it needed. */
export function describeChannel(name: string, makePair: (channelName: string) => Promise<ChannelPair>): void {
  describe(`${name} as a channel`, () => {
    let pair: ChannelPair;
    let deadline: AbortSignal;
    beforeEach(async () => {
      deadline = patience();
      pair = await makePair('git://contract/channel');
    });
    afterEach(async () => {
      await pair[Symbol.asyncDispose]();
    });

    it('has one name on both ends', () => {
      expect([pair.left.name, pair.right.name]).toEqual(['git://contract/channel', 'git://contract/channel']);
    });

    it('keeps the borders and the order of messages, in both directions', async () => {
      const sizes = [1, 0, 70_000, 2, CHANNEL_MESSAGE_BYTES, 3];
      const [atRight, atLeft] = await Promise.all([
        readAll(pair.right, deadline),
        readAll(pair.left, deadline),
        sendSizes(pair.left, sizes, deadline),
        sendSizes(pair.right, sizes.toReversed(), deadline),
      ]);
      expect(atRight.map((message) => message.byteLength)).toEqual(sizes);
      expect(atLeft.map((message) => message.byteLength)).toEqual(sizes.toReversed());
      expect(atRight.every((message) => message.every((byte) => byte === message.byteLength % 251))).toBe(true);
    });

    it('lets the sender reuse its buffer once the message left', async () => {
      const buffer = Buffer.alloc(100_000, 1);
      await pair.left.send(buffer);
      await pair.left.send(buffer.fill(2));
      const [received] = await Promise.all([readAll(pair.right, deadline), pair.left.end({ signal: deadline })]);
      expect(received.map((message) => [message.byteLength, message[0], message.at(-1)])).toEqual([
        [100_000, 1, 1],
        [100_000, 2, 2],
      ]);
    });

    it('refuses a message beyond the limit and stays usable', async () => {
      await expectCode(pair.left.send(new Uint8Array(CHANNEL_MESSAGE_BYTES + 1)), 'LIMIT_EXCEEDED');
      await pair.left.send(new Uint8Array([7]));
      expect(await readOne(pair.right, deadline)).toEqual(new Uint8Array([7]));
    });

    it('stops a sender whose reader does not read, and lets it go on when the reader does', async () => {
      const count = Math.ceil((3 * CHANNEL_WINDOW_BYTES) / CHANNEL_MESSAGE_BYTES);
      let sent = 0;
      const sending = (async () => {
        for (; sent < count; sent++) await pair.left.send(new Uint8Array(CHANNEL_MESSAGE_BYTES));
        await pair.left.end({ signal: deadline });
      })();
      // The other direction is free: a full round trip of its own passes while the sender stands.
      await pair.right.send(new Uint8Array([1]));
      await readOne(pair.left, deadline);
      expect(sent).toBeLessThan(count);
      const received = await readAll(pair.right, deadline);
      await sending;
      expect(received).toHaveLength(count);
    });

    it('goes on with the next message after a reader left its loop', async () => {
      await pair.left.send(new Uint8Array([1]));
      await pair.left.send(new Uint8Array([2]));
      expect(await readOne(pair.right, deadline)).toEqual(new Uint8Array([1]));
      expect(await readOne(pair.right, deadline)).toEqual(new Uint8Array([2]));
    });

    it('acknowledges the end only when everything before it was read', async () => {
      await pair.left.send(new Uint8Array([1]));
      let acknowledged = false;
      const ending = pair.left.end({ signal: deadline }).then(() => {
        acknowledged = true;
      });
      await pair.right.send(new Uint8Array([9]));
      await readOne(pair.left, deadline);
      expect(acknowledged).toBe(false);
      expect(await readAll(pair.right, deadline)).toHaveLength(1);
      await ending;
    });

    it('still receives after it ended its own direction', async () => {
      const reading = readAll(pair.right, deadline);
      await pair.left.end({ signal: deadline });
      await reading;
      await pair.right.send(new Uint8Array([5]));
      expect(await readOne(pair.left, deadline)).toEqual(new Uint8Array([5]));
    });

    it('sends nothing after its end marker', async () => {
      const reading = readAll(pair.right, deadline);
      await pair.left.end({ signal: deadline });
      await reading;
      await expectCode(pair.left.send(new Uint8Array([1])), 'CHANNEL_CLOSED');
    });

    it('closes in both directions, with the reason on the other side', async () => {
      const reading = readAll(pair.right, deadline).then(
        () => undefined,
        (error: unknown) => error,
      );
      pair.left.close('had enough');
      const error = await reading;
      expect(isSyncError(error, 'CHANNEL_CLOSED') && error.data.reason).toContain('had enough');
      await expectCode(pair.left.send(new Uint8Array([1])), 'CHANNEL_CLOSED');
      await expectCode(pair.right.send(new Uint8Array([1])), 'CHANNEL_CLOSED');
      await expectCode(readAll(pair.left, deadline), 'CHANNEL_CLOSED');
      await expectCode(pair.left.end({ signal: deadline }), 'CHANNEL_CLOSED');
    });

    it('tells of a close while nobody reads', async () => {
      await pair.left.send(new Uint8Array([1]));
      const closed = new Promise<unknown>((resolve) => {
        pair.right.closed.addEventListener('abort', () => resolve(pair.right.closed.reason));
      });
      pair.left.close('had enough');
      const error = await closed;
      expect(isSyncError(error, 'CHANNEL_CLOSED') && error.data.reason).toBe('had enough');
      expect(pair.left.closed.aborted).toBe(true);
    });

    it('frees a sender that waits for credit when the channel closes', async () => {
      const sending = (async () => {
        while (true) await pair.left.send(new Uint8Array(CHANNEL_MESSAGE_BYTES));
      })();
      const freed = expectCode(sending, 'CHANNEL_CLOSED');
      await pair.right.send(new Uint8Array([1]));
      await readOne(pair.left, deadline);
      pair.right.close('not interested');
      await freed;
    });

    it('may be closed twice', () => {
      pair.left.close();
      pair.left.close('again');
      pair.right.close();
    });

    it('throws the reason of an aborted signal, and keeps the message for the next reader', async () => {
      const abort = new AbortController();
      const reading = readOne(pair.right, abort.signal);
      abort.abort(new DOMException('no more patience', 'AbortError'));
      await expect(reading).rejects.toThrow('no more patience');
      await pair.left.send(new Uint8Array([4]));
      expect(await readOne(pair.right, deadline)).toEqual(new Uint8Array([4]));
    });

    it('gives up waiting for the acknowledgement when the signal says so', async () => {
      const abort = new AbortController();
      const ending = pair.left.end({ signal: abort.signal });
      abort.abort(new DOMException('no more patience', 'AbortError'));
      await expect(ending).rejects.toThrow('no more patience');
    });
  });
}

async function sendSizes(channel: Channel, sizes: readonly number[], signal: AbortSignal): Promise<void> {
  for (const size of sizes) await channel.send(new Uint8Array(size).fill(size % 251));
  await channel.end({ signal });
}

async function readAll(channel: Channel, signal: AbortSignal): Promise<Uint8Array[]> {
  const received: Uint8Array[] = [];
  for await (const message of channel.messages({ signal })) received.push(message.slice());
  return received;
}

async function readOne(channel: Channel, signal: AbortSignal): Promise<Uint8Array | undefined> {
  for await (const message of channel.messages({ signal })) return new Uint8Array(message);
  return undefined;
}

async function expectCode(work: Promise<unknown>, code: 'CHANNEL_CLOSED' | 'LIMIT_EXCEEDED'): Promise<void> {
  await expect(work).rejects.toMatchObject({ name: 'SyncError', code });
}
