import { describe, expect, it } from 'vitest';
import type { DeviceId } from '../../../../src/ids.ts';
import { REACHING_MS, SLOW_GREETING_MS, STREAM_KEPT_MS } from '../../../../src/limits.ts';
import type { Claimant, Discovery } from '../../../../src/net/discovery/discovery.ts';
import { createFinder, type Finder } from '../../../../src/net/discovery/finder.ts';
import type { Introductions } from '../../../../src/net/signalling/introduction.ts';
import type { Hello } from '../../../../src/net/signalling/signal.ts';
import type { SignalStream } from '../../../../src/net/signalling/signal-stream.ts';
import { person, settled } from '../../../support/engine/live-conversations.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { createVirtualClock, type VirtualClock } from '../../../support/time/virtual-clock.ts';

const [alice, bob] = [person(1), person(2)];
const { signal } = new AbortController();
const HELLO: Hello = { kind: 'hello', version: 1, chain: 'a chain', binding: 'AAAA' };
const introductions: Introductions = { hello: async () => HELLO, verify: async () => bob };

/** Somebody who answers. */
function present(key: string): Claimant {
  const stream: SignalStream = {
    isLocal: false,
    remotePublicKey: new Uint8Array(32),
    send() {},
    receive: async () => ({ message: HELLO }),
    close() {},
  };
  return { key, connect: async () => stream };
}

/** Somebody who was there once: whoever tries to reach it waits. */
function gone(key: string): Claimant {
  return {
    key,
    connect: ({ signal: at }) =>
      new Promise((_, reject) => at.addEventListener('abort', () => reject(at.reason), { once: true })),
  };
}

function setUp(...discoveries: (readonly Claimant[])[]): { finder: Finder; clock: VirtualClock; told: unknown[] } {
  const told: unknown[] = [];
  const log = { ...quietLog, debug: (message: string, data?: object) => void told.push([message, data]) };
  const clock = createVirtualClock();
  const made = discoveries.map((claimants): Discovery => ({ place: 'DHT', lookUp: async () => claimants }));
  const finder = createFinder({ discoveries: made, introductions, clock, log, signal, onTurnedAway() {} });
  return { finder, clock, told };
}

describe('looking for a device', () => {
  it('tells the log who answered in its place', async () => {
    const { finder, told } = setUp([present('a liar')]);
    const found = await finder.findDevice(alice.device, { signal });
    expect(found).toEqual({ outcome: 'rejected', detail: `it is device ${bob.device}` });
    expect(told).toContainEqual(['a device that announced itself proved who it is', { key: 'a liar', ...bob }]);
  });
});

describe('looking for the devices of an account', () => {
  it('tells of each at once, while others that were announced do not answer', async () => {
    const { finder, clock } = setUp([gone('killed'), present('there')]);
    const found: DeviceId[] = [];
    const all = finder.findDevices(bob.account, { signal, onFound: (device) => void found.push(device) });
    await settled();
    expect(found).toEqual([bob.device]);
    await clock.advance(REACHING_MS);
    expect(await all).toEqual([bob.device]);
  });

  it('tells of a device once, however many ways it is found', async () => {
    const { finder } = setUp([present('in the DHT')], [present('on the local network')]);
    const found: DeviceId[] = [];
    await finder.findDevices(bob.account, { signal, onFound: (device) => void found.push(device) });
    expect(found).toEqual([bob.device]);
  });

  it('does not tell of a device of another account', async () => {
    const { finder } = setUp([present('a liar')]);
    expect(await finder.findDevices(alice.account, { signal })).toEqual([]);
  });

  it('knows the next time who answered after the look-up was over', async () => {
    let answer = (_: { message: unknown }) => {};
    let rings = 0;
    const heard = new Promise<{ message: unknown }>((resolve) => {
      answer = resolve;
    });
    const slow: SignalStream = {
      ...{ isLocal: false, isSlow: true, remotePublicKey: new Uint8Array(32) },
      ...{ send() {}, receive: () => heard, close() {} },
    };
    const connect = async () => {
      rings += 1;
      return slow;
    };
    const { finder, clock } = setUp([{ key: 'slow', connect }]);
    const impatient = new AbortController();
    const first = finder.findDevices(bob.account, { signal: impatient.signal });
    await clock.advance(SLOW_GREETING_MS - 1);
    impatient.abort(new RangeError('enough'));
    await expect(first).rejects.toThrow('enough');
    answer({ message: HELLO });
    await settled();
    expect(await finder.findDevices(bob.account, { signal })).toEqual([bob.device]);
    expect(rings).toBe(1);
  });

  /** Somebody who answers whenever it is rung. */
  function setUpSlow() {
    const [rings, closed] = [[] as SignalStream[], new Set<SignalStream>()];
    const connect = async () => {
      const stream: SignalStream = {
        ...{ isLocal: false, isSlow: true, remotePublicKey: new Uint8Array(32) },
        ...{ send() {}, receive: async () => ({ message: HELLO }), close: () => void closed.add(stream) },
      };
      rings.push(stream);
      return stream;
    };
    return { ...setUp([{ key: 'slow', connect }]), rings, closed };
  }

  it('rings a device once that is asked who it is and dialled then', async () => {
    const { finder, clock, rings, closed } = setUpSlow();
    await finder.findDevices(bob.account, { signal });
    const dialled = await finder.findDevice(bob.device, { signal });
    await clock.advance(STREAM_KEPT_MS);
    expect(dialled).toMatchObject({ outcome: 'found', found: { peer: bob, stream: rings[0] } });
    expect([rings.length, closed.size]).toEqual([1, 0]);
  });

  it('rings anew whom nobody dials for a while, or who is dialled twice', async () => {
    const { finder, clock, rings, closed } = setUpSlow();
    await finder.findDevices(bob.account, { signal });
    await clock.advance(STREAM_KEPT_MS);
    expect([...closed]).toEqual(rings);
    for (let dials = 1; dials <= 2; dials += 1) {
      await finder.findDevice(bob.device, { signal });
      expect(rings).toHaveLength(1 + dials);
    }
  });

  it('ends with the reason of its signal', async () => {
    const { finder } = setUp([gone('killed')]);
    const ending = new AbortController();
    const all = finder.findDevices(bob.account, { signal: ending.signal });
    await settled();
    ending.abort(new RangeError('enough'));
    await expect(all).rejects.toThrow('enough');
  });
});
