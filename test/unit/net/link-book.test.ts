/** The links of a device, against devices that say what they like over streams in memory. */
import { duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { DeviceId } from '../../../src/ids.ts';
import { LINKS_PER_ACCOUNT } from '../../../src/limits.ts';
import { encodeFrame, type Frame } from '../../../src/net/link/frame.ts';
import { createFrameReader } from '../../../src/net/link/frame-reader.ts';
import { LinkBook } from '../../../src/net/link-book.ts';
import type { Admission } from '../../../src/net/net.ts';
import type { PeerIdentity } from '../../../src/ports.ts';
import { somePeer } from '../../support/net/channel-pair.ts';
import { framesIn } from '../../support/net/frames-in.ts';
import { quietLog } from '../../support/quiet-log.ts';
import { patience } from '../../support/time/patience.ts';
import { realClock } from '../../support/time/real-clock.ts';
import { until } from '../../support/time/until.ts';

const NOMINATE: Frame = { kind: 'nominate', version: 1 };
const TAKE_OVER: Frame = { kind: 'take-over', version: 1 };
const ACCEPT: Admission = { accept: true };

interface Setting {
  readonly book: LinkBook;
  /** What is answered to who is to be admitted, one after the other; yes when there is nothing more. */
  readonly answers: Admission[];
  readonly changes: string[];
}

function setUp(): Setting {
  const answers: Admission[] = [];
  const changes: string[] = [];
  const book = new LinkBook({
    self: somePeer('a').device,
    clock: realClock,
    log: quietLog,
    handlers: {
      admitPeer: () => answers.shift() ?? ACCEPT,
      admitChannel: () => ACCEPT,
      keepsChannel: () => true,
      serveChannel: async () => {},
      onTurnedAway() {},
      onAddressesChanged() {},
      onChange: ({ kind }) => void changes.push(kind),
    },
  });
  return { book, answers, changes };
}

interface Coming {
  readonly peer?: PeerIdentity;
  readonly isDialer?: boolean;
}

/** A stream of a device that has proved who it is, and says what it is told to. */
function streamOf(book: LinkBook, { peer = somePeer('b'), isDialer = false }: Coming = {}) {
  const [stream, wire] = duplexPair();
  const heard: Frame[] = [];
  const reader = createFrameReader();
  wire.on('error', () => {}).on('data', (chunk: Buffer) => heard.push(...framesIn(reader, chunk)));
  const link = book.makeLink({
    ...{ kind: 'tcp', isDialer, takesOver: false, onUp() {}, handshake: { peer, supersede() {} } },
    stream: { stream, peer, local: '192.0.2.1:1', remote: '192.0.2.2:2' },
  });
  const says = () => heard.flatMap((frame) => (frame.kind === 'bye' ? frame.reason : frame.kind));
  return { link, says, say: (frame: Frame) => void wire.write(encodeFrame(frame)) };
}

/** Somebody asks for a link, or to move one. Resolves with the answer. */
async function asked(book: LinkBook, frame: Frame, peer?: PeerIdentity): Promise<string | undefined> {
  const { say, says } = streamOf(book, peer && { peer });
  say(frame);
  await until(() => says().length > 0, 1);
  return says()[0];
}

const NOTHING_TO_MOVE = 'there is no link that could move';

describe('the book of links', () => {
  it('has the link of a device that was admitted, and tells of it', async () => {
    const { book, changes } = setUp();
    expect(await asked(book, NOMINATE)).toBe('welcome');
    expect([book.views().length, changes]).toEqual([1, ['link-up']]);
  });

  it('turns away who is not admitted, with the reason', async () => {
    const { book, answers, changes } = setUp();
    answers.push({ accept: false, reason: 'banned' });
    expect(await asked(book, NOMINATE)).toBe('banned');
    expect([book.views(), changes]).toEqual([[], []]);
  });

  it('has no link with who was banned between the yes and the link', async () => {
    const { book, answers, changes } = setUp();
    answers.push(ACCEPT, { accept: false, reason: 'banned' });
    const { say, says } = streamOf(book);
    say(NOMINATE);
    await until(() => says().includes('banned'), 1);
    expect([book.views(), changes]).toEqual([[], []]);
  });

  it('cuts the link of who is banned in the same turn, with the reason, and no other', async () => {
    const { book, answers, changes } = setUp();
    const { say, says } = streamOf(book);
    say(NOMINATE);
    await until(() => says().includes('welcome'), 1);
    expect(await asked(book, NOMINATE, somePeer('c'))).toBe('welcome');
    answers.push({ accept: false, reason: 'banned' });
    book.recheck();
    expect(book.views().map(({ peer }) => peer)).toEqual([somePeer('c')]);
    expect(changes).toEqual(['link-up', 'link-up', 'link-down']);
    await until(() => says().includes('banned'), 1);
  });

  it('has no more links with an account than that may have', async () => {
    const { book } = setUp();
    const { account } = somePeer('b');
    const device = (count: number) => DeviceId.parse(count.toString(16).padStart(64, '0'));
    for (let count = 0; count < LINKS_PER_ACCOUNT; count += 1)
      expect(await asked(book, NOMINATE, { account, device: device(count) })).toBe('welcome');
    expect(await asked(book, NOMINATE, { account, device: device(LINKS_PER_ACCOUNT) })).toContain('too many links');
    expect(await asked(book, NOMINATE, somePeer('c'))).toBe('welcome');
  });

  it('moves a link for the device that dialled it, one move at a time', async () => {
    const { book } = setUp();
    expect(await asked(book, NOMINATE)).toBe('welcome');
    expect(await asked(book, TAKE_OVER)).toBe('welcome');
    expect(await asked(book, TAKE_OVER)).toBe(NOTHING_TO_MOVE);
  });

  it('moves no link for another device', async () => {
    const { book } = setUp();
    expect(await asked(book, NOMINATE)).toBe('welcome');
    expect(await asked(book, TAKE_OVER, somePeer('c'))).toBe(NOTHING_TO_MOVE);
  });

  it('moves no link for who is banned', async () => {
    const { book, answers } = setUp();
    expect(await asked(book, NOMINATE)).toBe('welcome');
    answers.push({ accept: false, reason: 'banned' });
    expect(await asked(book, TAKE_OVER)).toBe('banned');
  });

  it('moves no link for the device that was dialled', async () => {
    const { book } = setUp();
    const { link, say, says } = streamOf(book, { isDialer: true });
    const nominating = link.nominate({ signal: patience() });
    await until(() => says().includes('nominate'), 1);
    say({ kind: 'welcome' });
    expect(await nominating).toEqual({ outcome: 'up' });
    expect(await asked(book, TAKE_OVER)).toBe(NOTHING_TO_MOVE);
  });
});
