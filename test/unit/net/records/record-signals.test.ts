import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  RECORD_BYTES,
  RECORD_FLUSH_MS,
  RECORD_LOOK_MAX_MS,
  RECORD_PAGES,
  RECORD_SESSION_MS,
} from '../../../../src/limits.ts';
import { publicKeyOf } from '../../../../src/net/records/agree-on-secret.ts';
import { pageKeys, type Side } from '../../../../src/net/records/record-keys.ts';
import { recordSignals } from '../../../../src/net/records/record-signals.ts';
import type { SignalStream } from '../../../../src/net/signalling/signal-stream.ts';
import { settled } from '../../../support/engine/live-conversations.ts';
import { type KeptRecords, keepRecords, type Whims } from '../../../support/net/memory-records.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { realRandom } from '../../../support/time/real-clock.ts';
import { createVirtualClock, type VirtualClock } from '../../../support/time/virtual-clock.ts';

const { signal } = new AbortController();

interface Session {
  readonly records: KeptRecords;
  readonly dialer: SignalStream;
  readonly answerer: SignalStream;
  readonly closed: Side[];
}

function open(clock: VirtualClock, whims?: Whims): Session {
  const records = keepRecords(whims);
  const [dialer, answerer] = [publicKeyOf(randomBytes(32)), publicKeyOf(randomBytes(32))];
  const secret = randomBytes(32);
  const closed: Side[] = [];
  const shared = { store: records.store, clock, random: realRandom, log: quietLog, signal };
  const onClosed = (side: Side) => () => void closed.push(side);
  return {
    records,
    closed,
    dialer: recordSignals({
      ...shared,
      session: { peer: answerer, secret },
      side: 'dialer',
      onClosed: onClosed('dialer'),
    }),
    answerer: recordSignals({
      ...shared,
      session: { peer: dialer, secret },
      side: 'answerer',
      onClosed: onClosed('answerer'),
    }),
  };
}

/** What a side hears until it hears no more. */
function listen(stream: SignalStream): { readonly heard: unknown[]; isOver: boolean } {
  const listening = { heard: [] as unknown[], isOver: false };
  const read = async () => {
    for (let next = await stream.receive({ signal }); next; next = await stream.receive({ signal }))
      listening.heard.push(next.message);
    listening.isOver = true;
  };
  void read();
  return listening;
}

/** What is under way gets as far as it can, before and after. */
async function pass(clock: VirtualClock, ms: number): Promise<void> {
  await settled();
  await clock.advance(ms);
  await settled();
}

describe('signalling by records', () => {
  let clock: VirtualClock;
  beforeEach(() => {
    clock = createVirtualClock();
  });

  it('brings every message once and in order, though records are lost on their way and old ones are found', async () => {
    const anyMessages = fc.array(fc.record({ text: fc.string({ maxLength: 1500 }) }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(anyMessages, anyMessages, fc.infiniteStream(fc.nat(9)), async (ours, theirs, dice) => {
        const roll = () => dice.next().value ?? 9;
        const fresh = createVirtualClock();
        const { dialer, answerer } = open(fresh, { loses: () => roll() < 3, lagsBy: () => Math.max(0, roll() - 7) });
        const [atAnswerer, atDialer] = [listen(answerer), listen(dialer)];
        for (let turn = 0; turn < 8; turn += 1) {
          for (const message of ours.slice(turn, turn + 1)) dialer.send(message);
          for (const message of theirs.slice(turn, turn + 1)) answerer.send(message);
          await pass(fresh, roll() * 200);
        }
        await pass(fresh, RECORD_SESSION_MS / 2);
        expect(atAnswerer.heard).toEqual(ours);
        expect(atDialer.heard).toEqual(theirs);
        dialer.close();
        answerer.close();
        await pass(fresh, RECORD_SESSION_MS);
      }),
      { numRuns: 12 },
    );
  });

  it('says the last word before it hangs up, and then the other side knows that it was the last', async () => {
    const { dialer, answerer, closed } = open(clock);
    const atDialer = listen(dialer);
    answerer.send({ kind: 'refusal' });
    answerer.close();
    await pass(clock, RECORD_LOOK_MAX_MS);
    expect(atDialer).toEqual({ heard: [{ kind: 'refusal' }], isOver: true });
    expect(closed).toEqual(['answerer']);
    dialer.close();
    await settled();
    expect(closed).toEqual(['answerer', 'dialer']);
  });

  it('lets go when nobody keeps the last word', async () => {
    const { dialer, closed } = open(clock, { loses: () => true, lagsBy: () => 0 });
    dialer.send({ kind: 'hello' });
    dialer.close();
    await pass(clock, RECORD_FLUSH_MS);
    expect(closed).toEqual(['dialer']);
  });

  it('ends by itself when its time is up', async () => {
    const { dialer } = open(clock);
    const listening = listen(dialer);
    await pass(clock, RECORD_SESSION_MS);
    expect(listening.isOver).toBe(true);
  });

  it('ends when more is said than a session may fill', async () => {
    const { dialer } = open(clock);
    const listening = listen(dialer);
    dialer.send({ text: 'x'.repeat(RECORD_BYTES * RECORD_PAGES) });
    await settled();
    expect(listening.isOver).toBe(true);
  });

  it('puts small records that say nothing to whom they are not for', async () => {
    const { dialer, records } = open(clock);
    dialer.send({ chain: 'a chain of certificates '.repeat(200) });
    await settled();
    const all = [...records.versions.values()].flat().map(({ value }) => Buffer.from(value));
    expect(all.length).toBeGreaterThan(4);
    for (const value of all) {
      expect(value.byteLength).toBeLessThanOrEqual(RECORD_BYTES);
      expect(value.includes('certificates')).toBe(false);
    }
    dialer.close();
  });

  it('hears nothing that the other side did not seal', async () => {
    const { dialer, answerer, records } = open(clock);
    const listening = listen(dialer);
    // Somebody who found out where the page lies, and nothing else.
    const place = pageKeys({ peer: answerer.remotePublicKey, secret: randomBytes(32) }, 'answerer', 0);
    await records.store.put(place.seed, { value: randomBytes(100), revision: 1 });
    const key = publicKeyOf(place.seed);
    const misled = { ...records.store, get: () => records.store.get(key) };
    const stranger = recordSignals({
      ...{ session: { peer: key, secret: randomBytes(32) }, side: 'dialer', store: misled },
      ...{ clock, random: realRandom, log: quietLog, signal, onClosed() {} },
    });
    const heard = listen(stranger);
    await pass(clock, RECORD_LOOK_MAX_MS);
    expect([listening.heard, heard.heard]).toEqual([[], []]);
    for (const stream of [dialer, answerer, stranger]) stream.close();
  });
});
