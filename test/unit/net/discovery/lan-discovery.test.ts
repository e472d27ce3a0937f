import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LAN_ANSWER_PAUSE_MS,
  LAN_LOOK_UP_MS,
  LAN_NAME_MS,
  LAN_QUIET_MS,
  LOOK_UP_RESULTS,
} from '../../../../src/limits.ts';
import type { Address } from '../../../../src/net/address.ts';
import { createLanDiscovery, type LanDiscovery } from '../../../../src/net/discovery/lan-discovery.ts';
import { lanName, lanNamesAround } from '../../../../src/net/discovery/lan-name.ts';
import type { LocalPostOptions } from '../../../../src/net/discovery/mdns-adapter.ts';
import { ownAddresses } from '../../../support/net/own-addresses.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { createVirtualClock, type VirtualClock } from '../../../support/time/virtual-clock.ts';

const NOW = 1_700_000_000_000;
const alice = new Uint8Array(32).fill(1);
const bob = new Uint8Array(32).fill(2);
const { signal } = new AbortController();

describe('a name on the local network', () => {
  it('is answered to by whose clock is off by as long as a name holds, and changes after that', () => {
    const skew = fc.integer({ min: -LAN_NAME_MS, max: LAN_NAME_MS });
    const isAnswered = (ms: number) => lanNamesAround(alice, NOW + ms).includes(lanName(alice, NOW));
    fc.assert(fc.property(skew, isAnswered));
    expect(lanNamesAround(alice, NOW + 2 * LAN_NAME_MS)).not.toContain(lanName(alice, NOW));
    expect(lanName(alice, NOW + LAN_NAME_MS)).not.toBe(lanName(alice, NOW));
  });

  it('tells nothing of what it was made of', () => {
    expect(lanName(alice, NOW)).toMatch(/^[0-9a-f]{32}$/);
    expect(lanName(bob, NOW)).not.toBe(lanName(alice, NOW));
  });
});

/** What was said on a network where every packet reaches everybody, its sender too. */
interface Lan {
  readonly clock: VirtualClock;
  readonly said: string[];
  join(host: string, topic: Uint8Array): Promise<LanDiscovery>;
  /** A stranger's packet. */
  question(name: string): void;
  answer(name: string, from: Address): void;
}

function createLan(): Lan {
  const clock = createVirtualClock(NOW);
  const posts: LocalPostOptions[] = [];
  const said: string[] = [];
  const question = (name: string) => {
    for (const post of posts) post.onQuestion(name);
  };
  const answer = (name: string, from: Address) => {
    for (const post of posts) post.onAnswer(name, from);
  };
  return {
    ...{ clock, said, question, answer },
    join: (host, topic) =>
      createLanDiscovery({
        topics: [topic],
        signals: { portAt: () => 7, connect: async () => undefined },
        ...{ own: ownAddresses(host), clock, log: quietLog },
        async openPost(post) {
          posts.push(post);
          const ask = (name: string) => {
            said.push(`${host} asks`);
            question(name);
          };
          const tell = (name: string, port: number) => {
            said.push(`${host} answers`);
            answer(name, { host, port });
          };
          return { ask, answer: tell, close: async () => {} };
        },
      }),
  };
}

async function lookUp(lan: Lan, discovery: LanDiscovery, topic: Uint8Array): Promise<readonly string[]> {
  const found = discovery.lookUp(topic, { signal });
  await lan.clock.advance(LAN_LOOK_UP_MS);
  return (await found).map(({ key }) => key);
}

describe('looking for a device on the local network', () => {
  it('finds who is found under the topic, soon after it answered', async () => {
    const lan = createLan();
    const a = await lan.join('192.168.1.2', alice);
    await lan.join('192.168.1.3', bob);
    const found = a.lookUp(bob, { signal });
    // The answer has come; that nothing follows it is waited for from now on.
    await setImmediate();
    await lan.clock.advance(LAN_QUIET_MS);
    expect((await found).map(({ key }) => key)).toEqual(['lan 192.168.1.3:7']);
    expect(lan.said).toEqual(['192.168.1.2 asks', '192.168.1.3 answers']);
  });

  it('asks once more when nobody answers, and then finds nobody', async () => {
    const lan = createLan();
    const a = await lan.join('192.168.1.2', alice);
    expect(await lookUp(lan, a, bob)).toEqual([]);
    expect(lan.said).toEqual(['192.168.1.2 asks', '192.168.1.2 asks']);
  });

  it('answers to the names of the time that it is, however long it has been there', async () => {
    const lan = createLan();
    await lan.join('192.168.1.3', bob);
    await lan.clock.advance(3 * LAN_NAME_MS);
    lan.question(lanName(bob, NOW));
    expect(lan.said).toEqual([]);
    lan.question(lanName(bob, lan.clock.now()));
    expect(lan.said).toEqual(['192.168.1.3 answers']);
  });

  it('does not find itself', async () => {
    const lan = createLan();
    const a = await lan.join('192.168.1.2', alice);
    expect(await lookUp(lan, a, alice)).toEqual([]);
  });

  it('hears only answers to what it asked, not too many, and none that lead to its own machine', async () => {
    const lan = createLan();
    const a = await lan.join('192.168.1.2', alice);
    const found = a.lookUp(bob, { signal });
    const asked = lanName(bob, NOW);
    lan.answer(lanName(alice, NOW), { host: '192.168.1.9', port: 9 });
    for (const host of ['127.0.0.1', '0.0.0.0', '224.0.0.251']) lan.answer(asked, { host, port: 9 });
    for (let port = 1; port <= 2 * LOOK_UP_RESULTS; port += 1) lan.answer(asked, { host: '192.168.1.9', port });
    await lan.clock.advance(LAN_LOOK_UP_MS);
    const keys = (await found).map(({ key }) => key);
    expect(keys).toHaveLength(LOOK_UP_RESULTS);
    expect(keys.every((key) => key.startsWith('lan 192.168.1.9:'))).toBe(true);
  });
});

describe('being looked for on the local network', () => {
  it('answers to nothing but its own names', async () => {
    const lan = createLan();
    await lan.join('192.168.1.2', alice);
    lan.question(lanName(bob, NOW));
    expect(lan.said).toEqual([]);
  });

  it('answers to one name not more often than everybody can hear', async () => {
    const lan = createLan();
    await lan.join('192.168.1.2', alice);
    for (let i = 0; i < 10; i += 1) lan.question(lanName(alice, NOW));
    expect(lan.said).toEqual(['192.168.1.2 answers']);
    await lan.clock.advance(LAN_ANSWER_PAUSE_MS);
    lan.question(lanName(alice, NOW));
    expect(lan.said).toHaveLength(2);
  });
});
