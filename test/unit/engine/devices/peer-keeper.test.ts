import { describe, expect, it } from 'vitest';
import { createPeerKeeper, lookUpAfter, type PeerKeeper } from '../../../../src/engine/devices/peer-keeper.ts';
import { LOOK_UP_FIRST_MS, LOOK_UP_MAX_MS } from '../../../../src/limits.ts';
import type { Random } from '../../../../src/ports.ts';
import { createFakeNet, type FakeNet, person, settled } from '../../../support/engine/live-conversations.ts';
import { account } from '../../../support/events/interactions.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { createVirtualClock, type VirtualClock } from '../../../support/time/virtual-clock.ts';

const [self, bob] = [person(1), person(2)];
/** The longest waits there are. */
const patient: Random = { below: (limit) => limit - 1, bytes: () => new Uint8Array() };

interface Setting {
  readonly net: FakeNet;
  readonly clock: VirtualClock;
  readonly peers: PeerKeeper;
  readonly ending: AbortController;
}

function setUp(): Setting {
  const [net, clock, ending] = [createFakeNet(), createVirtualClock(), new AbortController()];
  const { signal } = ending;
  const peers = createPeerKeeper({ net, self: self.device, clock, random: patient, log: quietLog, signal });
  return { net, clock, peers, ending };
}

/** A net on which bob is found and every dial comes through. */
function reachable({ net }: Setting): void {
  net.found.set(bob.account, [bob.device]);
  net.link = async (device) => {
    net.asked.push(`dial ${device.slice(-2)}`);
    return net.up(bob);
  };
}

describe('the peer keeper', () => {
  it('looks a new account up at once, and dials its devices but not its own', async () => {
    const setting = setUp();
    const { net, peers } = setting;
    net.found.set(bob.account, [bob.device, self.device]);
    peers.keep(new Set([bob.account]));
    await settled();
    expect(net.asked).toEqual(['find a2', 'dial d2']);
    peers.keep(new Set([bob.account]));
    await settled();
    expect(net.asked).toHaveLength(2);
  });

  it('looks again later and later while nobody is found', async () => {
    const { net, clock, peers } = setUp();
    peers.keep(new Set([bob.account]));
    await settled();
    const times: number[] = [];
    const start = clock.now();
    for (let tick = 0; tick < 400; tick += 1) {
      const before = net.asked.length;
      await clock.advance(250);
      if (net.asked.length > before) times.push(clock.now() - start);
    }
    const gaps = times.map((time, at) => time - (times[at - 1] ?? 0));
    expect(gaps.slice(0, 4)).toEqual([500, 1000, 2000, 4000]);
    expect(gaps.every((gap, at) => gap >= (gaps[at - 1] ?? 0))).toBe(true);
    expect(Math.max(...gaps)).toBe(LOOK_UP_MAX_MS);
  });

  it('goes on looking now and then while every device is linked, and dials none of them', async () => {
    const setting = setUp();
    const { net, clock, peers } = setting;
    reachable(setting);
    peers.keep(new Set([bob.account]));
    await settled();
    await clock.advance(2 * LOOK_UP_MAX_MS + 1000);
    expect(net.asked).toEqual(['find a2', 'dial d2', 'find a2', 'find a2']);
  });

  it('looks again soon when it is woken, also when that happens during a look-up', async () => {
    const setting = setUp();
    const { net, clock, peers } = setting;
    reachable(setting);
    net.findDevices = async () => {
      net.asked.push('find');
      // The link goes down while the DHT is asked about the account.
      if (net.asked.length > 1) return [bob.device];
      peers.wake(bob.account);
      return [];
    };
    peers.keep(new Set([bob.account]));
    await settled();
    await clock.advance(LOOK_UP_FIRST_MS);
    expect(net.asked).toEqual(['find', 'find', 'dial d2']);
    await clock.advance(LOOK_UP_MAX_MS);
    net.down(bob);
    peers.wake(bob.account);
    await settled();
    const before = net.asked.length;
    await clock.advance(LOOK_UP_FIRST_MS);
    expect(net.asked.slice(before)).toEqual(['find', 'dial d2']);
  });

  it('does not dial a device without a pause whose link goes down as soon as it is up', async () => {
    const setting = setUp();
    const { net, clock, peers } = setting;
    net.found.set(bob.account, [bob.device]);
    net.link = async () => {
      net.asked.push('dial');
      const link = net.up(bob);
      net.down(bob);
      peers.wake(bob.account);
      return link;
    };
    peers.keep(new Set([bob.account]));
    for (let tick = 0; tick < 60; tick += 1) await clock.advance(1000);
    expect(net.asked.filter((what) => what === 'dial').length).toBeLessThanOrEqual(8);
  });

  it('dials a device that was found while the look-up still waits for others', async () => {
    const setting = setUp();
    const { net, peers, ending } = setting;
    reachable(setting);
    net.findDevices = (_, { signal, onFound }) => {
      onFound?.(bob.device);
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    peers.keep(new Set([bob.account]));
    await settled();
    expect(net.asked).toEqual(['dial d2']);
    ending.abort();
    await peers.ended();
  });

  it('keeps looking when a look-up or a dial fails', async () => {
    const { net, clock, peers } = setUp();
    net.findDevices = async () => {
      net.asked.push('find');
      if (net.asked.length === 1) throw new TypeError('the DHT is gone');
      return [bob.device];
    };
    peers.keep(new Set([bob.account]));
    await settled();
    await clock.advance(LOOK_UP_FIRST_MS);
    await clock.advance(2 * LOOK_UP_FIRST_MS);
    expect(net.asked).toEqual(['find', 'find', 'dial d2', 'find', 'dial d2']);
  });

  it('leaves accounts alone that are no longer kept', async () => {
    const { net, clock, peers } = setUp();
    peers.keep(new Set([bob.account, account(3)]));
    await settled();
    peers.keep(new Set([account(3)]));
    peers.wake(bob.account);
    net.asked.length = 0;
    await clock.advance(LOOK_UP_MAX_MS);
    expect(new Set(net.asked)).toEqual(new Set(['find a3']));
  });

  it('ends when its signal fires, in whatever it is doing', async () => {
    const { net, clock, peers, ending } = setUp();
    net.findDevices = (_, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    peers.keep(new Set([bob.account]));
    await settled();
    ending.abort();
    await peers.ended();
    peers.keep(new Set([account(3)]));
    await clock.advance(LOOK_UP_MAX_MS);
    expect(net.asked).toEqual([]);
  });
});

describe('the wait before the next look-up', () => {
  it('doubles up to its limit, and half of it is chance', () => {
    const hasty: Random = { ...patient, below: () => 0 };
    expect([0, 1, 2].map((tries) => lookUpAfter(tries, patient))).toEqual([500, 1000, 2000]);
    expect([0, 1, 2].map((tries) => lookUpAfter(tries, hasty))).toEqual([250, 500, 1000]);
    expect(lookUpAfter(1000, patient)).toBe(LOOK_UP_MAX_MS);
  });
});
