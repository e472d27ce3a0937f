import { beforeEach, describe, expect, it } from 'vitest';
import {
  DIAL_MS,
  GREETING_MS,
  SIGNAL_SESSIONS,
  SIGNAL_SESSIONS_PER_ACCOUNT,
  SIGNAL_SESSIONS_PER_ADDRESS,
} from '../../../src/limits.ts';
import { createAnswerer } from '../../../src/net/answerer.ts';
import { LinkBook } from '../../../src/net/link-book.ts';
import type { NetHandlers } from '../../../src/net/net.ts';
import type { Hello } from '../../../src/net/signalling/signal.ts';
import type { SignalStream } from '../../../src/net/signalling/signal-stream.ts';
import { person, settled } from '../../support/engine/live-conversations.ts';
import { account, device } from '../../support/events/interactions.ts';
import { quietLog } from '../../support/quiet-log.ts';
import { realRandom } from '../../support/time/real-clock.ts';
import { createVirtualClock, type VirtualClock } from '../../support/time/virtual-clock.ts';

const HELLO: Hello = { kind: 'hello', version: 1, chain: 'a chain', binding: 'AAAA' };
const handlers: NetHandlers = {
  admitPeer: () => ({ accept: true }),
  admitChannel: () => ({ accept: true }),
  keepsChannel: () => true,
  onTurnedAway() {},
  async serveChannel() {},
  onAddressesChanged() {},
  onChange() {},
};

interface Caller {
  readonly stream: SignalStream;
  readonly said: readonly object[];
  isHungUpOn(): boolean;
}

/** Somebody who signals: `n` says which device it is. Who says nothing is heard of no more. */
function caller(n: number, address: string, greets: boolean): Caller {
  const said: object[] = [];
  const over = new AbortController();
  let hasGreeted = !greets;
  const stream: SignalStream = {
    remotePublicKey: Uint8Array.from([n >> 8, n & 255]),
    isLocal: false,
    remoteHost: address,
    send: (message) => void said.push(message),
    async receive({ signal }) {
      if (!hasGreeted) {
        hasGreeted = true;
        return { message: HELLO };
      }
      return new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        over.signal.addEventListener('abort', () => resolve(undefined), { once: true });
      });
    },
    close: () => over.abort(),
  };
  return { stream, said, isHungUpOn: () => over.signal.aborted };
}

describe('answering those who signal', () => {
  let clock: VirtualClock;
  let answer: (stream: SignalStream) => void;

  beforeEach(() => {
    clock = createVirtualClock();
    answer = createAnswerer({
      introductions: {
        hello: async () => HELLO,
        verify: async (_, [high = 0, low = 0]) => ({ account: account(1), device: device(256 * high + low) }),
      },
      book: new LinkBook({ self: person(9).device, handlers, clock, log: quietLog }),
      makers: [],
      ...{ handlers, clock, log: quietLog, random: realRandom, signal: new AbortController().signal },
    });
  });

  async function arrive(callers: readonly Caller[]): Promise<void> {
    for (const { stream } of callers) answer(stream);
    await settled();
  }
  const many = (count: number, make: (n: number) => Caller) => Array.from({ length: count }, (_, n) => make(n));
  const hungUpOn = (callers: readonly Caller[]) => callers.filter((each) => each.isHungUpOn()).length;

  it('lets those who say nothing wait for the time of a greeting, and no longer', async () => {
    const silent = many(3, (n) => caller(n, `11.0.0.${n}`, false));
    await arrive(silent);
    await clock.advance(GREETING_MS - 1);
    expect(hungUpOn(silent)).toBe(0);
    await clock.advance(1);
    await settled();
    expect(hungUpOn(silent)).toBe(3);
  });

  it.each([
    ['address', () => '11.0.0.1', '11.0.0.2'],
    ['machine with a network of its own', (n: number) => `2a00:1:2:3::${n + 1}`, '2a00:1:2:4::1'],
  ])('gives no %s more than its share, and others theirs meanwhile', async (_, addressOf, anothers) => {
    const silent = many(SIGNAL_SESSIONS_PER_ADDRESS + 4, (n) => caller(n, addressOf(n), false));
    await arrive(silent);
    expect(hungUpOn(silent)).toBe(4);
    const other = caller(1000, anothers, true);
    await arrive([other]);
    expect(other.said).toEqual([HELLO]);
  });

  it('gives no more places than there are in all, and gives them anew when they are left', async () => {
    const silent = many(SIGNAL_SESSIONS + 4, (n) => caller(n, `11.0.0.${n}`, false));
    await arrive(silent);
    expect(hungUpOn(silent)).toBe(4);
    await clock.advance(GREETING_MS);
    const next = caller(1000, '11.0.0.2', true);
    await arrive([next]);
    expect(next.said).toEqual([HELLO]);
  });

  it('answers few devices of one account at a time, from wherever they come', async () => {
    const devices = many(SIGNAL_SESSIONS_PER_ACCOUNT + 1, (n) => caller(n, `11.0.0.${n}`, true));
    await arrive(devices);
    expect(devices.slice(0, -1).map(({ said }) => said)).toEqual(devices.slice(0, -1).map(() => [HELLO]));
    expect(devices.at(-1)?.said).toEqual([{ kind: 'refusal', reason: 'it is answering your other devices' }]);
  });

  it('answers others of the account when those before them had their time', async () => {
    await arrive(many(SIGNAL_SESSIONS_PER_ACCOUNT, (n) => caller(n, `11.0.0.${n}`, true)));
    await clock.advance(DIAL_MS);
    const next = caller(1000, '11.0.1.1', true);
    await arrive([next]);
    expect(next.said).toEqual([HELLO]);
  });
});
