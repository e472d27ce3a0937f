import { beforeEach, describe, expect, it } from 'vitest';
import { FORWARD_HEAD_START_MS, FORWARDERS_ASKED, STREAM_MS } from '../../../../src/limits.ts';
import { type ReachOptions, reach } from '../../../../src/net/discovery/reach.ts';
import { createRecentKeys } from '../../../../src/net/recent-keys.ts';
import type { SignalStream } from '../../../../src/net/signalling/signal-stream.ts';
import { settled } from '../../../support/engine/live-conversations.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const keyOf = (n: number) => new Uint8Array(32).fill(n);
const DEVICE = keyOf(1);
const NODES = [2, 3, 4, 5].map(keyOf);

/** What becomes of connecting: nothing at all until the signal, unless it is said. */
type Fate = 'silence' | 'punching' | 'there' | Error;

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function aStream(): SignalStream & { isClosed: boolean } {
  return {
    isClosed: false,
    isLocal: false,
    remotePublicKey: DEVICE,
    send() {},
    receive: async () => undefined,
    close() {
      this.isClosed = true;
    },
  };
}

describe('reaching a key in the DHT', () => {
  let asked: string[];
  let told: string[];
  let nodes: readonly Uint8Array[];
  let clock: ReturnType<typeof createVirtualClock>;
  const wasForwarded = () => createRecentKeys(9);

  beforeEach(() => {
    [asked, told, clock, nodes] = [[], [], createVirtualClock(), NODES];
  });

  /** `fates` is keyed by `straight`, or the first byte of the node that forwards. */
  function start(fates: Readonly<Record<string, Fate>>, options: Partial<ReachOptions> = {}) {
    return reach(DEVICE, {
      ways: {
        connect(_, { signal, through, onThere }) {
          const way = through === null ? 'straight' : String(through[0]);
          asked.push(way);
          const fate = fates[way] ?? 'silence';
          if (fate === 'there') return Promise.resolve(aStream());
          if (fate === 'punching') onThere();
          else if (fate !== 'silence') return Promise.reject(fate);
          return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        },
        forwarders: async () => nodes,
        ring() {
          asked.push('ring');
          return aStream();
        },
      },
      ...{ wasForwarded: wasForwarded(), clock, signal: new AbortController().signal },
      log: { ...quietLog, debug: (said) => void told.push(said) },
      ...options,
    });
  }

  it('asks no node to forward where it goes straight', async () => {
    expect(await start({ straight: 'there' })).toBeDefined();
    expect(asked).toEqual(['straight']);
  });

  it('goes through a node once the straight way had its head start', async () => {
    const reached = start({ 2: 'there' });
    await clock.advance(FORWARD_HEAD_START_MS - 1);
    expect(asked).toEqual(['straight']);
    await clock.advance(1);
    expect(await reached).toBeDefined();
    expect(asked).toEqual(['straight', '2']);
  });

  it('asks the next node when one is silent or refuses, and no more than so many', async () => {
    const ended = new AbortController();
    const reached = start(
      { straight: coded('HOLEPUNCH_ABORTED'), 2: coded('RELAY_ABORTED') },
      { signal: ended.signal },
    );
    await settled();
    expect(asked).toEqual(['straight', '2', '3']);
    await clock.advance(FORWARD_HEAD_START_MS * NODES.length);
    expect(asked).toHaveLength(1 + FORWARDERS_ASKED);
    ended.abort(new RangeError('enough'));
    await expect(reached).rejects.toThrow('enough');
  });

  it('begins with both where a node was what helped before', async () => {
    const forwarded = wasForwarded();
    const first = start({ 3: 'there' }, { wasForwarded: forwarded });
    await clock.advance(2 * FORWARD_HEAD_START_MS);
    expect(await first).toBeDefined();
    asked = [];
    const second = start({ 2: 'there' }, { wasForwarded: forwarded });
    await clock.advance(0);
    expect(await second).toBeDefined();
    expect(asked).toEqual(['straight', '2']);
  });

  it('asks nobody to forward to a key that nobody announced', async () => {
    expect(await start({ straight: coded('PEER_NOT_FOUND') })).toBeUndefined();
    expect(asked).toEqual(['straight']);
  });

  it('rings who is there when no packet comes through and nobody forwards', async () => {
    nodes = [];
    for (const code of ['HOLEPUNCH_ABORTED', 'HOLEPUNCH_DOUBLE_RANDOMIZED_NATS', 'CANNOT_HOLEPUNCH', 'REMOTE_ABORTED'])
      expect(await start({ straight: coded(code) })).toBeDefined();
    expect(asked).toEqual(Array.from({ length: 4 }, () => ['straight', 'ring']).flat());
  });

  it('rings who is there when packets could still come through, and have not for long', async () => {
    nodes = [];
    const reached = start({ straight: 'punching' });
    await clock.advance(STREAM_MS - 1);
    expect(asked).toEqual(['straight']);
    await clock.advance(1);
    expect(await reached).toBeDefined();
    expect(asked).toEqual(['straight', 'ring']);
  });

  it('gives up who has not said a word', async () => {
    const reached = start({});
    await clock.advance(STREAM_MS);
    expect(await reached).toBeUndefined();
    expect(asked).not.toContain('ring');
  });

  it('does not ring who is not there', async () => {
    nodes = [];
    for (const code of ['PEER_NOT_FOUND', 'PEER_CONNECTION_FAILED'])
      expect(await start({ straight: coded(code) })).toBeUndefined();
    expect(asked).toEqual(['straight', 'straight']);
  });

  it('tells of each step that failed', async () => {
    const reached = start({ straight: coded('HOLEPUNCH_ABORTED'), 2: coded('RELAY_ABORTED'), 3: 'there' });
    expect(await reached).toBeDefined();
    expect(told).toEqual([
      'a key in the DHT is not reached straight',
      'a key in the DHT is to be reached through nodes that forward',
      'a key in the DHT is not reached through a node',
      'a key in the DHT is reached',
    ]);
  });
});
