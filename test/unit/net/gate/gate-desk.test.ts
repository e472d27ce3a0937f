import { describe, expect, it } from 'vitest';
import { createBell } from '../../../../src/bell.ts';
import { GATE_ENTRY_MS, GATE_SILENCE_MS, GATE_TOPICS, LOOK_UP_RESULTS } from '../../../../src/limits.ts';
import { createGateDesk } from '../../../../src/net/gate/gate-desk.ts';
import { hexOf } from '../../../../src/net/gate/gate-message.ts';
import type { DrainedSignals } from '../../../../src/net/signalling/noise-signals-adapter.ts';
import { settled } from '../../../support/engine/live-conversations.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const TOPIC = hexOf(new Uint8Array(32).fill(1));
const TICKETS = { dialer: 'd'.repeat(64), answerer: 'a'.repeat(64) };

const keyOf = (n: number) => {
  const key = Buffer.alloc(32);
  key.writeUInt32BE(n);
  return key;
};

/** A gate, and devices that come to it. */
function open({ hasRoom = true } = {}) {
  const clock = createVirtualClock();
  const opened: (string | undefined)[] = [];
  const tunnels = {
    open(address: string | undefined) {
      opened.push(address);
      return hasRoom ? TICKETS : undefined;
    },
  };
  const desk = createGateDesk({ tunnels, clock, signal: new AbortController().signal });

  async function come(n: number, { isReading = true } = {}) {
    const [said, heard, changed] = [[] as unknown[], [] as object[], createBell()];
    const guest = { heard, isGone: false, asks: async (..._: unknown[]) => {} };
    const stream: DrainedSignals = {
      ...{ isLocal: false, remotePublicKey: keyOf(n), remoteHost: `11.0.0.${n}` },
      send: (message) => void heard.push(message),
      async receive({ signal }) {
        await changed.until(() => said.length > 0 || guest.isGone, signal);
        return said.length > 0 ? { message: said.shift() } : undefined;
      },
      drained: ({ signal }) => changed.until(() => isReading || guest.isGone, signal),
      close() {
        guest.isGone = true;
        changed.ring();
      },
    };
    guest.asks = async (...messages) => {
      said.push(...messages);
      changed.ring();
      await settled();
    };
    void desk.serve(stream);
    return guest;
  }

  async function enter(n: number, options = {}) {
    const guest = await come(n, options);
    await guest.asks({ kind: 'enter', version: 1, topics: [TOPIC] });
    return guest;
  }
  return { clock, opened, come, enter };
}

describe('a device in a gate', () => {
  it('is found under its topics, until it leaves', async () => {
    const { enter } = open();
    const [a, b] = [await enter(1), await enter(2)];
    await a.asks({ kind: 'look-up', id: 1, topic: TOPIC });
    expect(a.heard).toEqual([{ kind: 'entered' }, { kind: 'found', id: 1, keys: [hexOf(keyOf(1)), hexOf(keyOf(2))] }]);
    b.isGone = true;
    await b.asks();
    await a.asks({ kind: 'look-up', id: 2, topic: TOPIC }, { kind: 'look-up', id: 3, topic: '0'.repeat(64) });
    expect(a.heard.slice(2)).toEqual([
      { kind: 'found', id: 2, keys: [hexOf(keyOf(1))] },
      { kind: 'found', id: 3, keys: [] },
    ]);
  });

  it('is brought together with another one, each with a ticket of its own', async () => {
    const { enter, opened } = open();
    const [a, b] = [await enter(1), await enter(2)];
    await a.asks({ kind: 'connect', id: 7, key: hexOf(keyOf(2)) });
    expect(a.heard.at(-1)).toEqual({ kind: 'ticket', id: 7, ticket: TICKETS.dialer });
    expect(b.heard.at(-1)).toEqual({ kind: 'incoming', ticket: TICKETS.answerer });
    expect(opened).toEqual(['11.0.0.1']);
  });

  it('gets no ticket to who is not there, nor when there is no place', async () => {
    const crowded = open({ hasRoom: false });
    const [a, b] = [await crowded.enter(1), await crowded.enter(2)];
    await a.asks({ kind: 'connect', id: 1, key: hexOf(keyOf(3)) }, { kind: 'connect', id: 2, key: hexOf(keyOf(2)) });
    expect(a.heard.slice(1)).toEqual([1, 2].map((id) => ({ kind: 'ticket', id, ticket: undefined })));
    expect(b.heard).toEqual([{ kind: 'entered' }]);
  });

  it('that comes back takes its own place', async () => {
    const { enter } = open();
    const [before, after] = [await enter(1), await enter(1)];
    expect([before.isGone, after.isGone]).toEqual([true, false]);
    await after.asks({ kind: 'look-up', id: 1, topic: TOPIC });
    expect(after.heard.at(-1)).toEqual({ kind: 'found', id: 1, keys: [hexOf(keyOf(1))] });
  });

  it('hears of no more than so many others', async () => {
    const { enter } = open();
    for (let n = 0; n <= LOOK_UP_RESULTS; n += 1) await enter(n);
    const asking = await enter(1000);
    await asking.asks({ kind: 'look-up', id: 1, topic: TOPIC });
    expect(asking.heard.at(-1)).toMatchObject({ keys: expect.toSatisfy((keys) => keys.length === LOOK_UP_RESULTS) });
  });
});

describe('a gate hangs up on', () => {
  it.each([
    ['who says something else first', { kind: 'ping' }],
    ['who speaks another version', { kind: 'enter', version: 2, topics: [] }],
    ['who has too many topics', { kind: 'enter', version: 1, topics: Array(GATE_TOPICS + 1).fill(TOPIC) }],
    ['who says what is no message', 'hello'],
  ])('%s', async (_, first) => {
    const guest = await open().come(1);
    await guest.asks(first);
    expect(guest).toMatchObject({ isGone: true, heard: [] });
  });

  it('who enters twice', async () => {
    const guest = await open().enter(1);
    await guest.asks({ kind: 'enter', version: 1, topics: [] });
    expect(guest.isGone).toBe(true);
  });

  it('who comes and says nothing, after its time', async () => {
    const { come, clock } = open();
    const guest = await come(1);
    await clock.advance(GATE_ENTRY_MS - 1);
    expect(guest.isGone).toBe(false);
    await clock.advance(1);
    expect(guest.isGone).toBe(true);
  });

  it('who falls silent, and not on who says that it is there', async () => {
    const { enter, clock } = open();
    const [silent, alive] = [await enter(1), await enter(2)];
    await clock.advance(GATE_SILENCE_MS - 1);
    await alive.asks({ kind: 'ping' });
    await clock.advance(1);
    expect([silent.isGone, alive.isGone]).toEqual([true, false]);
    expect(alive.heard.at(-1)).toEqual({ kind: 'pong' });
  });

  it('who asks without reading the answers: the next question waits', async () => {
    const { enter, clock } = open();
    const guest = await enter(1, { isReading: false });
    await guest.asks({ kind: 'ping' }, { kind: 'ping' });
    expect(guest.heard).toEqual([{ kind: 'entered' }, { kind: 'pong' }]);
    await clock.advance(GATE_SILENCE_MS);
    expect(guest.isGone).toBe(true);
  });
});
