/** A link against a peer that says what it likes, over a pair of streams in memory. */
import { type Duplex, duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { HEARTBEAT_MS, LINK_ANSWERS_WAITING, LINK_CHANNELS } from '../../../../src/limits.ts';
import { encodeFrame, type Frame } from '../../../../src/net/link/frame.ts';
import { createFrameReader } from '../../../../src/net/link/frame-reader.ts';
import { TICK_MS } from '../../../../src/net/link/heartbeat.ts';
import { Link } from '../../../../src/net/link/link.ts';
import type { LinkOptions } from '../../../../src/net/link/link-options.ts';
import { somePeer } from '../../../support/net/channel-pair.ts';
import { framesIn } from '../../../support/net/frames-in.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { realClock } from '../../../support/time/real-clock.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const { signal } = new AbortController();
const NOMINATE: Frame = { kind: 'nominate', version: 1 };

interface Lab {
  readonly link: Link;
  /** The peer's end of the stream. */
  readonly wire: Duplex;
  readonly ups: Link[];
  readonly downs: string[];
  say(...frames: Frame[]): void;
  /** Resolves with the first frame of the kind that the link sends. */
  hear<Kind extends Frame['kind']>(kind: Kind): Promise<Extract<Frame, { kind: Kind }>>;
}

function lab(options: Partial<LinkOptions> = {}): Lab {
  const [stream, wire] = duplexPair();
  const ups: Link[] = [];
  const downs: string[] = [];
  const heard: Frame[] = [];
  const waiting = new Set<() => void>();
  const reader = createFrameReader();
  wire.on('error', () => {});
  wire.on('data', (chunk: Buffer) => {
    heard.push(...framesIn(reader, chunk));
    for (const look of [...waiting]) look();
  });
  const link: Link = new Link({
    ...{ stream, peer: somePeer('b'), isDialer: false, clock: realClock, log: quietLog },
    path: { kind: 'tcp', local: '', remote: '' },
    kind: 'direct',
    handlers: { admitChannel: () => ({ accept: true }), keepsChannel: () => true, serveChannel: async () => {} },
    onNominated: () => ({ accept: true }),
    onTakeOver: () => ({ accept: true }),
    onHandOver() {},
    onMoved() {},
    onUp: () => ups.push(link),
    onDown: (reason) => downs.push(reason),
    ...options,
  });
  return {
    ...{ link, wire, ups, downs },
    say: (...frames) => void wire.write(Buffer.concat(frames.map(encodeFrame))),
    hear: (kind) =>
      new Promise((resolve) => {
        const look = () => {
          const at = heard.findIndex((frame) => frame.kind === kind);
          if (at < 0) return;
          waiting.delete(look);
          resolve(heard.splice(at, 1)[0] as never);
        };
        waiting.add(look);
        look();
      }),
  };
}

describe('a link', () => {
  it('is up once the answerer has welcomed the dialer’s nomination', async () => {
    const { link, say, hear, ups } = lab();
    say(NOMINATE);
    await hear('welcome');
    expect(ups).toEqual([link]);
  });

  it('turns a nomination down with the reason, which the dialer hears', async () => {
    const { say, hear, ups } = lab({ onNominated: () => ({ accept: false, reason: 'not you' }) });
    say(NOMINATE);
    expect(await hear('bye')).toEqual({ kind: 'bye', reason: 'not you' });
    expect(ups).toEqual([]);
    const dialer = lab({ isDialer: true });
    const nominating = dialer.link.nominate({ signal });
    await dialer.hear('nominate');
    dialer.say({ kind: 'bye', reason: 'not you' });
    expect(await nominating).toEqual({ outcome: 'turned-away', reason: 'not you' });
  });

  it('turns away a peer of another version', async () => {
    const { say, hear } = lab();
    say({ kind: 'nominate', version: 2 });
    expect((await hear('bye')).reason).toContain('version 2');
  });

  it('answers a ping', async () => {
    const { say, hear } = lab();
    say(NOMINATE, { kind: 'ping', nonce: 77 });
    expect(await hear('pong')).toEqual({ kind: 'pong', nonce: 77 });
  });

  it('opens no more channels than the limit, and declines those beyond it', async () => {
    const { say, hear } = lab();
    say(NOMINATE);
    for (let count = 0; count < LINK_CHANNELS; count += 1)
      say({ kind: 'open', channel: 1 + 2 * count, window: 2 ** 20, name: 'msg:x' });
    say({ kind: 'open', channel: 1 + 2 * LINK_CHANNELS, window: 2 ** 20, name: 'msg:x' });
    expect(await hear('decline')).toMatchObject({ channel: 1 + 2 * LINK_CHANNELS });
  });

  it('ignores what was still under way to a channel that is closed', async () => {
    const { say, hear, downs } = lab();
    say(NOMINATE, { kind: 'open', channel: 1, window: 2 ** 20, name: 'msg:x' });
    say({ kind: 'reset', channel: 1, reason: 'no more' }, { kind: 'data', channel: 1, bytes: new Uint8Array(3) });
    say({ kind: 'ping', nonce: 1 });
    await hear('pong');
    expect(downs).toEqual([]);
  });

  it.each<[string, readonly Frame[]]>([
    ['opens a channel before it nominated', [{ kind: 'open', channel: 1, window: 2 ** 20, name: 'x' }]],
    ['nominates twice', [NOMINATE, NOMINATE]],
    ['welcomes who did not ask', [NOMINATE, { kind: 'welcome' }]],
    ['says that it moved without having agreed on where to', [{ kind: 'moved' }]],
    ['uses a number of ours', [NOMINATE, { kind: 'open', channel: 2, window: 2 ** 20, name: 'x' }]],
    [
      'uses a number twice',
      [
        NOMINATE,
        { kind: 'open', channel: 1, window: 2 ** 20, name: 'x' },
        { kind: 'open', channel: 1, window: 2 ** 20, name: 'x' },
      ],
    ],
    ['talks on a channel that never was', [NOMINATE, { kind: 'credit', channel: 9, units: 1 }]],
    [
      'sends beyond its credit',
      [
        NOMINATE,
        { kind: 'open', channel: 1, window: 2 ** 20, name: 'x' },
        ...Array.from({ length: 17 }, () => ({ kind: 'data', channel: 1, bytes: new Uint8Array(2 ** 18) }) as const),
      ],
    ],
  ])('costs a peer its link that %s', async (_, frames) => {
    const { say, hear, downs } = lab();
    say(...frames);
    const { reason } = await hear('bye');
    expect(reason).toContain('broke the link protocol');
    expect(downs).toEqual([reason]);
  });

  it('costs a peer its link that sends no frames at all', async () => {
    const { wire, hear } = lab();
    wire.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    expect((await hear('bye')).reason).toContain('broke the link protocol');
  });

  it('costs a peer its link that asks for ever and never reads the answers', async () => {
    const [stream, wire] = duplexPair();
    const down = new Promise<string>((resolve) => {
      const link = new Link({
        ...{ stream, peer: somePeer('b'), isDialer: false, clock: realClock, log: quietLog },
        path: { kind: 'tcp', local: '', remote: '' },
        kind: 'direct',
        handlers: { admitChannel: () => ({ accept: true }), keepsChannel: () => true, serveChannel: async () => {} },
        onNominated: () => ({ accept: true }),
        onTakeOver: () => ({ accept: true }),
        onHandOver() {},
        onMoved() {},
        onUp: () => {},
        onDown: (reason) => resolve(reason),
      });
      expect(link.isUp).toBe(false);
    });
    wire.write(encodeFrame(NOMINATE));
    const pings = Buffer.concat(Array.from({ length: 1000 }, () => encodeFrame({ kind: 'ping', nonce: 1 })));
    // Besides what waits, a write-ahead of a mebibyte is under way.
    for (let count = 0; count < 100 + LINK_ANSWERS_WAITING / 1000; count += 1) wire.write(pings);
    expect(await down).toContain('asks without reading');
    wire.destroy();
  });

  it('probes a silent peer, and is cut when it stays silent', async () => {
    const { say, hear, downs } = lab();
    const began = performance.now();
    say(NOMINATE);
    await hear('ping');
    await expect.poll(() => downs).toEqual(['the other device does not answer']);
    expect(performance.now() - began).toBeGreaterThanOrEqual(1.9 * HEARTBEAT_MS);
  });

  it('is cut when nothing but the peer’s probes comes, as it may hear nothing of us', async () => {
    const clock = createVirtualClock();
    const { say, hear, downs } = lab({ clock });
    say(NOMINATE);
    await hear('welcome');
    const began = clock.now();
    while (downs.length === 0 && clock.now() - began < 5000) {
      say({ kind: 'ping', nonce: 1 });
      await hear('pong');
      await clock.advance(TICK_MS);
    }
    expect(downs).toEqual(['the other device does not answer']);
  });

  it('lives on while a long frame comes in bit by bit', async () => {
    const clock = createVirtualClock();
    const { wire, say, hear, downs } = lab({ clock });
    say(NOMINATE);
    await hear('welcome');
    const frame = encodeFrame({ kind: 'data', channel: 1, bytes: new Uint8Array(1000) });
    for (let at = 0; at < 100; at += 1) {
      await new Promise<void>((resolve) => wire.write(frame.subarray(at, at + 1), () => resolve()));
      await clock.advance(TICK_MS);
    }
    expect(downs).toEqual([]);
  });

  it('fails channels that are asked for when it is down', async () => {
    const { link } = lab();
    await link.close('over');
    await expect(link.openChannel('msg:x', { signal })).rejects.toMatchObject({
      code: 'CHANNEL_CLOSED',
      data: { channel: 'msg:x', reason: 'over' },
    });
  });
});
