import { describe, expect, it } from 'vitest';
import { createBell } from '../../../../src/bell.ts';
import { SyncError } from '../../../../src/errors.ts';
import {
  GATE_ANSWER_MS,
  GATE_PING_MS,
  GATE_REENTRY_MAX_MS,
  GATE_TUNNELS_OPENING,
  LOOK_UP_RESULTS,
} from '../../../../src/limits.ts';
import type { ThroughGate } from '../../../../src/net/gate/gate-connections-adapter.ts';
import { hexOf } from '../../../../src/net/gate/gate-message.ts';
import { reenterAfter } from '../../../../src/net/gate/gate-stay.ts';
import { enterGates } from '../../../../src/net/gate/gates.ts';
import type { SignalStream } from '../../../../src/net/signalling/signal-stream.ts';
import { settled } from '../../../support/engine/live-conversations.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const [OWN, OTHER, TOPIC] = [1, 2, 3].map((n) => new Uint8Array(32).fill(n)) as [Uint8Array, Uint8Array, Uint8Array];
const TICKET = 'a'.repeat(64);
const GATE = { host: '11.0.0.1', port: 49737 };
const { signal } = new AbortController();

type Said = { readonly kind: string; readonly id?: number };

/** A gate that answers as it is told, and what it is told. */
function enter({ answer = (_: Said): readonly object[] => [], failures = 0 } = {}) {
  const clock = createVirtualClock();
  const over = new AbortController();
  const seen = {
    entries: 0,
    said: [] as Said[],
    tunnels: [] as ThroughGate[],
    streams: 0,
    enteredAgain: 0,
    isThere: false,
    hangUp() {},
    say(_: object) {},
  };
  const streamFrom = (key: Uint8Array): SignalStream => {
    const [heard, changed] = [[] as object[], createBell()];
    let isOver = false;
    const say = (message: object) => {
      heard.push(message);
      changed.ring();
    };
    const close = () => {
      isOver = true;
      changed.ring();
    };
    Object.assign(seen, { hangUp: close, say });
    return {
      ...{ isLocal: false, remotePublicKey: key, close },
      send(message) {
        const said = message as Said;
        seen.said.push(said);
        if (said.kind === 'enter') say({ kind: 'entered' });
        for (const one of answer(said)) say({ ...one, id: said.id });
      },
      async receive(at) {
        await changed.until(() => heard.length > 0 || isOver, at.signal);
        return heard.length > 0 ? { message: heard.shift() } : undefined;
      },
    };
  };
  const connections = {
    async toGate() {
      seen.entries += 1;
      if (seen.entries <= failures && !seen.isThere)
        throw new SyncError('SERVER_UNREACHABLE', { address: 'nobody', detail: 'refused' });
      return streamFrom(new Uint8Array(32));
    },
    throughGate(_: unknown, through: ThroughGate) {
      seen.tunnels.push(through);
      if (!through.isDialer) return new Promise<SignalStream>(() => {});
      const { say, hangUp } = seen;
      const stream = streamFrom(OTHER);
      Object.assign(seen, { say, hangUp });
      return Promise.resolve(stream);
    },
    close() {},
  };
  const gates = enterGates({
    ...{
      gates: [GATE],
      connections,
      ownKey: OWN,
      topics: [TOPIC],
      clock,
      random: { below: (n) => n - 1 },
      log: quietLog,
    },
    signal: over.signal,
    onStream() {},
    onEnteredAgain() {
      seen.enteredAgain += 1;
    },
  });
  return { gates, clock, seen, over };
}

describe('a device at a gate', () => {
  it('finds others there, and not itself', async () => {
    const keys = [hexOf(OWN), hexOf(OTHER)];
    const { gates, seen } = enter({
      answer: ({ kind }) => {
        if (kind === 'look-up') return [{ kind: 'found', keys }];
        return kind === 'connect' ? [{ kind: 'ticket', ticket: TICKET }] : [];
      },
    });
    await gates.tried;
    expect(gates.entered()).toEqual([GATE]);
    const [found, ...more] = await gates.discovery.lookUp(TOPIC, { signal });
    expect([found?.key, more]).toEqual([`dht ${hexOf(OTHER)}`, []]);
    expect((await found?.connect({ signal }))?.remotePublicKey).toEqual(OTHER);
    expect(seen.tunnels).toMatchObject([{ ticket: TICKET, isDialer: true }]);
  });

  it('hangs up on another one than it was to be led to', async () => {
    const { gates } = enter({
      answer: ({ kind }) => {
        if (kind === 'look-up') return [{ kind: 'found', keys: ['0'.repeat(64)] }];
        return kind === 'connect' ? [{ kind: 'ticket', ticket: TICKET }] : [];
      },
    });
    await gates.tried;
    const [found] = await gates.discovery.lookUp(TOPIC, { signal });
    expect(await found?.connect({ signal })).toBeUndefined();
  });

  it('finds nobody where the gate does not answer', async () => {
    const { gates, clock } = enter();
    await gates.tried;
    const looking = gates.discovery.lookUp(TOPIC, { signal });
    await settled();
    await clock.advance(GATE_ANSWER_MS);
    expect(await looking).toEqual([]);
  });

  it('hangs up on a gate that names more than anybody asked for', async () => {
    const keys = Array(LOOK_UP_RESULTS + 1).fill(hexOf(OTHER));
    const { gates } = enter({ answer: ({ kind }) => (kind === 'look-up' ? [{ kind: 'found', keys }] : []) });
    await gates.tried;
    expect(await gates.discovery.lookUp(TOPIC, { signal })).toEqual([]);
    expect(gates.entered()).toEqual([]);
  });

  it('comes to so many at once who want to speak to it, as the gate says, and to no more', async () => {
    const { gates, seen } = enter();
    await gates.tried;
    for (let n = 0; n <= GATE_TUNNELS_OPENING; n += 1) seen.say({ kind: 'incoming', ticket: TICKET });
    await settled();
    expect(seen.tunnels).toHaveLength(GATE_TUNNELS_OPENING);
    expect(seen.tunnels[0]).toMatchObject({ ticket: TICKET, isDialer: false });
  });
});

describe('a gate is entered again', () => {
  it('after a wait when it was not reached', async () => {
    const { gates, clock, seen } = enter({ failures: 1 });
    await gates.tried;
    expect(gates.entered()).toEqual([]);
    await clock.advance(reenterAfter(1));
    expect(gates.entered()).toEqual([GATE]);
    expect(seen.entries).toBe(2);
  });

  it('when it is lost, or silent', async () => {
    const { gates, clock, seen } = enter();
    await gates.tried;
    seen.hangUp();
    await settled();
    expect(gates.entered()).toEqual([]);
    await clock.advance(reenterAfter(1));
    expect(gates.entered()).toEqual([GATE]);
    await clock.advance(GATE_PING_MS);
    expect(gates.entered()).toEqual([]);
  });

  it('at once when the network is another one', async () => {
    const { gates, seen } = enter();
    await gates.tried;
    gates.refresh();
    await expect.poll(() => seen.entries).toBe(2);
  });

  it('soon after an outage, however long it was', async () => {
    const { gates, clock, seen } = enter({ failures: 100 });
    for (let ms = 0; ms < 7 * 60_000; ms += 1000) await clock.advance(1000);
    const tries = seen.entries;
    expect([tries < 100, gates.entered()]).toEqual([true, []]);
    seen.isThere = true;
    await clock.advance(GATE_REENTRY_MAX_MS);
    expect([seen.entries, gates.entered()]).toEqual([tries + 1, [GATE]]);
  });

  it('and says so, but not of the first time', async () => {
    const { gates, clock, seen } = enter();
    await gates.tried;
    expect(seen.enteredAgain).toBe(0);
    seen.hangUp();
    await settled();
    await clock.advance(reenterAfter(1));
    expect(seen.enteredAgain).toBe(1);
  });

  it('not when all is over', async () => {
    const { gates, clock, seen, over } = enter();
    await gates.tried;
    over.abort(new SyncError('CANCELLED', { what: 'The net' }));
    await clock.advance(reenterAfter(9));
    expect([seen.entries, gates.entered()]).toEqual([1, []]);
  });
});
