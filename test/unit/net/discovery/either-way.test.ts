import { describe, expect, it } from 'vitest';
import { GATE_HEAD_START_MS } from '../../../../src/limits.ts';
import type { Claimant, Discovery } from '../../../../src/net/discovery/discovery.ts';
import { eitherWay } from '../../../../src/net/discovery/either-way.ts';
import type { SignalStream } from '../../../../src/net/signalling/signal-stream.ts';
import { settled } from '../../../support/engine/live-conversations.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const TOPIC = new Uint8Array(32);
const { signal } = new AbortController();
const never = () => new Promise<never>(() => {});

const place = (lookUp: Discovery['lookUp']): Discovery => ({ place: 'DHT', lookUp });
const knows = (...claimants: Claimant[]) => place(async () => claimants);

/** Somebody who answers from that host, or does not. */
function claimant(key: string, remoteHost: string, connect?: Claimant['connect']): Claimant {
  return { key, connect: connect ?? (async () => streamFrom(remoteHost)) };
}

function streamFrom(remoteHost: string): SignalStream {
  return { remotePublicKey: TOPIC, remoteHost, isLocal: false, send() {}, receive: never, close() {} };
}

describe('two places to look in', () => {
  it('come to one claimant for each key', async () => {
    const either = eitherWay(
      knows(claimant('a', 'dht'), claimant('b', 'dht')),
      knows(claimant('b', 'gate'), claimant('c', 'gate')),
      createVirtualClock(),
    );
    const found = await either.lookUp(TOPIC, { signal });
    expect(found.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
    const streams = await Promise.all(found.map((one) => one.connect({ signal })));
    expect(streams.map((stream) => stream?.remoteHost)).toEqual(['dht', 'dht', 'gate']);
  });

  it('find who is in one of them while the other one fails, or takes too long', async () => {
    const clock = createVirtualClock();
    const failing = place(async () => {
      throw new RangeError('no answer');
    });
    const known = knows(claimant('a', 'gate'));
    expect(await eitherWay(failing, known, clock).lookUp(TOPIC, { signal })).toHaveLength(1);
    const looking = eitherWay(place(never), known, clock).lookUp(TOPIC, { signal });
    await settled();
    await clock.advance(GATE_HEAD_START_MS);
    expect(await looking).toHaveLength(1);
    expect(await eitherWay(failing, knows(), clock).lookUp(TOPIC, { signal })).toEqual([]);
    await expect(eitherWay(failing, failing, clock).lookUp(TOPIC, { signal })).rejects.toThrow();
  });

  it('reach who does not answer in the first one by the second one, after a head start', async () => {
    const clock = createVirtualClock();
    const first = knows(
      claimant('a', 'dht', never),
      claimant('b', 'dht', async () => undefined),
    );
    const either = eitherWay(first, knows(claimant('a', 'gate'), claimant('b', 'gate')), clock);
    const [a, b] = await either.lookUp(TOPIC, { signal });
    expect(await b?.connect({ signal })).toMatchObject({ remoteHost: 'gate' });
    const reaching = a?.connect({ signal });
    await settled();
    await clock.advance(GATE_HEAD_START_MS);
    expect(await reaching).toMatchObject({ remoteHost: 'gate' });
  });

  it('do not reach who answers in neither', async () => {
    const nobody = () => knows(claimant('a', 'nowhere', async () => undefined));
    const [a] = await eitherWay(nobody(), nobody(), createVirtualClock()).lookUp(TOPIC, { signal });
    expect(await a?.connect({ signal })).toBeUndefined();
  });
});
