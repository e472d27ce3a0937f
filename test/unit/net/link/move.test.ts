/** Two ends of a link that moves from stream to stream while both sides talk. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Link } from '../../../../src/net/link/link.ts';
import type { LinkOptions } from '../../../../src/net/link/link-options.ts';
import type { PathKind } from '../../../../src/net/net.ts';
import type { Channel } from '../../../../src/ports.ts';
import { somePeer } from '../../../support/net/channel-pair.ts';
import { streamPair } from '../../../support/net/stream-pair.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { realClock } from '../../../support/time/real-clock.ts';

const { signal } = new AbortController();

interface End {
  up: Link | undefined;
  readonly served: Channel[];
  readonly moves: string[];
  readonly downs: string[];
}

/** Both ends of whatever stream comes up next; the first becomes the link, which moves to each further one. */
function lab() {
  const newEnd = (): End => ({ up: undefined, served: [], moves: [], downs: [] });
  const dialer = newEnd();
  const answerer = newEnd();

  function linkAt(end: End, options: Pick<LinkOptions, 'stream' | 'path' | 'isDialer' | 'takesOver'>): Link {
    const link: Link = new Link({
      ...{ peer: somePeer('b'), kind: 'direct', clock: realClock, log: quietLog },
      handlers: {
        admitChannel: () => ({ accept: true }),
        keepsChannel: () => true,
        serveChannel: async (channel) => void end.served.push(channel),
      },
      onNominated: () => ({ accept: true }),
      onTakeOver: () => (end.up ? { accept: true } : { accept: false, reason: 'there is no link' }),
      onHandOver: (carrier) => end.up?.moveTo(carrier),
      onUp: () => {
        end.up = link;
      },
      onMoved: () => void end.moves.push(link.view().path.kind),
      onDown: (reason) => void end.downs.push(reason),
      ...options,
    });
    return link;
  }

  async function connect(kind: PathKind): Promise<string> {
    const [near, far] = streamPair();
    const path = { kind, local: '', remote: '' };
    const link = linkAt(dialer, { stream: near, path, isDialer: true, takesOver: dialer.up !== undefined });
    linkAt(answerer, { stream: far, path, isDialer: false });
    return (await link.nominate({ signal })).outcome;
  }

  return { dialer, answerer, connect };
}

async function open(dialer: End, answerer: End): Promise<readonly [Channel, Channel]> {
  if (!dialer.up) throw new Error('the link is not up');
  const near = await dialer.up.openChannel('talk', { signal });
  await expect.poll(() => answerer.served.length).toBe(1);
  const [far] = answerer.served;
  if (!far) throw new Error('the channel was not served');
  return [near, far];
}

/** Says numbers, each in a message of some length, taking a breath where told to. */
async function count(channel: Channel, lengths: readonly number[]): Promise<void> {
  for (const [number, length] of lengths.entries()) {
    const message = Buffer.alloc(4 + length);
    message.writeUInt32BE(number);
    await channel.send(message);
    if (length % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await channel.end({ signal });
}

async function listen(channel: Channel): Promise<readonly (readonly [number, number])[]> {
  const heard: [number, number][] = [];
  for await (const message of channel.messages({ signal }))
    heard.push([Buffer.from(message).readUInt32BE(), message.byteLength - 4]);
  return heard;
}

describe('a link that moves', () => {
  it('loses, repeats and reorders nothing of what both sides say meanwhile', async () => {
    const lengths = fc.array(fc.nat(70_000), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(lengths, lengths, fc.integer({ min: 1, max: 4 }), async (there, back, moves) => {
        const { dialer, answerer, connect } = lab();
        await connect('tcp-relay');
        const [near, far] = await open(dialer, answerer);
        const talk = Promise.all([count(near, there), count(far, back), listen(far), listen(near)]);
        for (let move = 0; move < moves; move += 1) {
          expect(await connect('tcp')).toBe('up');
          await expect.poll(() => [dialer.moves.length, answerer.moves.length]).toEqual([move + 1, move + 1]);
        }
        const [, , heardFar, heardNear] = await talk;
        expect(heardFar).toEqual([...there.entries()]);
        expect(heardNear).toEqual([...back.entries()]);
        await Promise.all([dialer.up?.close('over'), answerer.up?.close('over')]);
      }),
      { numRuns: 10 },
    );
  });

  it('shows where it travels now, and closes the stream it left', async () => {
    const { dialer, answerer, connect } = lab();
    await connect('udp-relay');
    await connect('tcp');
    await expect.poll(() => [...dialer.moves, ...answerer.moves]).toEqual(['tcp', 'tcp']);
    expect(dialer.up?.view().path.kind).toBe('tcp');
    expect([...dialer.downs, ...answerer.downs]).toEqual([]);
    await dialer.up?.close('over');
    await expect.poll(() => answerer.downs).toEqual(['over']);
  });

  it('is what it was when the other side turns the move down', async () => {
    const { dialer, answerer, connect } = lab();
    await connect('udp-relay');
    const { up } = answerer;
    answerer.up = undefined;
    expect(await connect('tcp')).toBe('turned-away');
    answerer.up = up;
    const [near, far] = await open(dialer, answerer);
    const [, heard] = await Promise.all([count(near, [1]), listen(far)]);
    expect(heard).toEqual([[0, 1]]);
    expect([dialer.up?.view().path.kind, dialer.moves]).toEqual(['udp-relay', []]);
    await Promise.all([dialer.up?.close('over'), answerer.up?.close('over')]);
  });
});
