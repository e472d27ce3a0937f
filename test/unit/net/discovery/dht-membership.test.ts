import { describe, expect, it } from 'vitest';
import { SyncError } from '../../../../src/errors.ts';
import { DHT_REJOIN_FIRST_MS, DHT_REJOIN_MAX_MS } from '../../../../src/limits.ts';
import type { DhtNode } from '../../../../src/net/dht/dht-node-adapter.ts';
import { type DhtMembershipOptions, enterDht, rejoinAfter } from '../../../../src/net/discovery/dht-membership.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { thrownBy } from '../../../support/thrown.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const TOPIC = new Uint8Array(32);
const KEY = new Uint8Array(32).fill(7);

/** A DHT that answers from a certain try on. */
function enter({ answersFrom, isOnlyWay = false }: { answersFrom: number; isOnlyWay?: boolean }) {
  const clock = createVirtualClock();
  const over = new AbortController();
  const seen = { tries: 0, announced: 0, foundAgain: 0, onFoundAgain() {} };
  const node: DhtNode = {
    publicKey: new Uint8Array(32),
    async announce() {
      seen.announced += 1;
      return 1;
    },
    unannounce: async () => {},
    isKnownUnder: async () => true,
    tellTheWay() {},
    lookUp: async () => [KEY],
    connect: async () => undefined,
    close: async () => {},
  };
  const join: DhtMembershipOptions['join'] = async ({ onFoundAgain }) => {
    seen.tries += 1;
    seen.onFoundAgain = onFoundAgain;
    if (seen.tries < answersFrom) throw new SyncError('BOOTSTRAP_UNREACHABLE', { bootstrap: 'nobody:1' });
    return node;
  };
  const entering = enterDht({
    join,
    topics: [TOPIC],
    isOnlyWay: async () => isOnlyWay,
    onFoundAgain() {
      seen.foundAgain += 1;
    },
    clock,
    log: quietLog,
    signal: over.signal,
  });
  return { entering, clock, seen, over };
}

const { signal } = new AbortController();

describe('a DHT that answers', () => {
  it('is joined and told of this device, again whenever the network is another one', async () => {
    const { entering, seen, clock } = enter({ answersFrom: 1 });
    const membership = await entering;
    expect(membership.state()).toEqual({ kind: 'joined' });
    expect(await membership.discovery.lookUp(TOPIC, { signal })).toHaveLength(1);
    expect(seen.announced).toBe(1);
    membership.refresh();
    await clock.advance(0);
    await expect.poll(() => seen.announced).toBe(2);
  });

  it('is told again at once when it has forgotten this device, which may find others again', async () => {
    const { entering, seen, clock } = enter({ answersFrom: 1 });
    await entering;
    expect(seen.foundAgain).toBe(0);
    seen.onFoundAgain();
    expect(seen.foundAgain).toBe(1);
    await clock.advance(0);
    await expect.poll(() => seen.announced).toBe(2);
  });
});

describe('a DHT that does not answer', () => {
  it('is an error when it is the only way', async () => {
    await thrownBy('BOOTSTRAP_UNREACHABLE', () => enter({ answersFrom: 9, isOnlyWay: true }).entering);
  });

  it('is tried again after a wait, and finds nobody meanwhile', async () => {
    const { entering, seen, clock } = enter({ answersFrom: 3 });
    const membership = await entering;
    expect(membership.state()).toMatchObject({ kind: 'unreachable', tries: 1 });
    expect(await membership.discovery.lookUp(TOPIC, { signal })).toEqual([]);
    await clock.advance(rejoinAfter(1));
    expect(membership.state()).toMatchObject({ kind: 'unreachable', tries: 2 });
    await clock.advance(rejoinAfter(2));
    await expect.poll(() => membership.state()).toEqual({ kind: 'joined' });
    expect([seen.tries, seen.foundAgain]).toEqual([3, 1]);
    expect(await membership.discovery.lookUp(TOPIC, { signal })).toHaveLength(1);
  });

  it('is tried at once when the network is another one', async () => {
    const { entering } = enter({ answersFrom: 2 });
    const membership = await entering;
    membership.refresh();
    await expect.poll(() => membership.state()).toEqual({ kind: 'joined' });
  });

  it('is left alone when it is over', async () => {
    const { entering, seen, clock, over } = enter({ answersFrom: 9 });
    await entering;
    over.abort();
    await clock.advance(DHT_REJOIN_MAX_MS);
    expect(seen.tries).toBe(1);
  });

  it('is waited for ever longer, up to a limit', () => {
    expect([1, 2, 3].map(rejoinAfter)).toEqual([1, 2, 4].map((times) => times * DHT_REJOIN_FIRST_MS));
    expect(rejoinAfter(50)).toBe(DHT_REJOIN_MAX_MS);
  });
});
