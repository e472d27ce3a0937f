import { createHash } from 'node:crypto';
import { type Duplex, duplexPair } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  RELAY_CHALLENGES,
  RELAY_CONNECTIONS_BINDING,
  RELAY_PERMISSION_MS,
  RELAY_REQUEST_MS,
} from '../../../../src/limits.ts';
import type { StunAttributes } from '../../../../src/net/stun/attributes.ts';
import { type DecodedStun, encodeStun, type StunMethod } from '../../../../src/net/stun/message.ts';
import { createStunReader } from '../../../../src/net/stun/stun-reader.ts';
import { openTcpRelay } from '../../../../src/net/turn/tcp-relay.ts';
import type { TurnServer } from '../../../../src/net/turn/turn-server.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { realRandom } from '../../../support/time/real-clock.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const SERVER: TurnServer = {
  address: { host: '203.0.113.1', port: 3478 },
  transports: ['tcp'],
  login: { kind: 'static', username: 'peer', password: 'only-for-this-test' },
};
const REALM = 'a realm';
/** Of the long-term credentials, RFC 8489 §9.2.2. */
const KEY = createHash('md5').update(`peer:${REALM}:only-for-this-test`).digest();
const LIFETIME_SECONDS = 600;
const RELAYED = { host: '203.0.113.1', port: 50_000 };
/** A renewal comes when four fifths of the time have passed. */
const RENEWED_AFTER = { place: LIFETIME_SECONDS * 800, permission: RELAY_PERMISSION_MS * 0.8 };

/** Answers as a relay does, and challenges only when it is told to. */
class FakeRelay {
  readonly asked: StunMethod[] = [];
  /** What each request was proved with; with nothing before the first challenge. */
  readonly nonces: (string | undefined)[] = [];
  /** What the next requests are answered with instead of a success. */
  readonly refusals: StunAttributes[] = [];
  /** What answers are proved with once requests are. */
  key: Uint8Array = KEY;
  readonly #reader = createStunReader();
  readonly #far: Duplex;

  constructor(far: Duplex) {
    this.#far = far.on('data', (chunk: Uint8Array) => {
      this.#reader.push(chunk);
      for (let request = this.#reader.next(); request !== undefined; request = this.#reader.next())
        this.#answer(request);
    });
  }

  /** A peer has connected, and is to be fetched. */
  announce(connectionId: number): void {
    const attributes = { connectionId, peerAddress: { host: '198.51.100.7', port: 4000 } };
    const transaction = connectionId.toString(16).padStart(24, '0');
    this.#far.write(encodeStun({ class: 'indication', method: 'connection-attempt', transaction, attributes }));
  }

  #answer({ method, transaction, attributes: { nonce } }: DecodedStun): void {
    this.asked.push(method);
    this.nonces.push(nonce);
    const refusal = this.refusals.shift();
    const kind = refusal === undefined ? 'success' : 'error';
    const success: StunAttributes =
      method === 'allocate' ? { relayedAddress: RELAYED, lifetime: LIFETIME_SECONDS } : { lifetime: LIFETIME_SECONDS };
    const key = nonce === undefined ? undefined : this.key;
    this.#far.write(encodeStun({ class: kind, method, transaction, attributes: refusal ?? success }, key));
  }
}

async function aPlace() {
  const [near, far] = duplexPair();
  const [clock, lost] = [createVirtualClock(), [] as string[]];
  const fake = new FakeRelay(far);
  const connections = { asked: 0 };
  const relay = await openTcpRelay({
    ...{ server: SERVER, clock, random: realRandom, log: quietLog, opening: new AbortController().signal },
    connect() {
      connections.asked += 1;
      // Those that are to be bound come to nothing.
      return connections.asked === 1 ? Promise.resolve(near) : new Promise(() => {});
    },
    onConnection() {},
    onLost: (reason) => void lost.push(reason),
  });
  onTestFinished(() => relay.close());
  const count = (method: StunMethod) => fake.asked.filter((asked) => asked === method).length;
  return { relay, fake, clock, lost, count, connections };
}

describe('a place on a relay', () => {
  it('is renewed before its time is over, again and again', async () => {
    const { clock, count } = await aPlace();
    await clock.advance(RENEWED_AFTER.place - 1);
    expect(count('refresh')).toBe(0);
    for (const times of [1, 2, 3]) {
      await clock.advance(times === 1 ? 1 : RENEWED_AFTER.place);
      await expect.poll(() => count('refresh')).toBe(times);
    }
  });

  it('keeps each permission, which lasts half as long', async () => {
    const { relay, clock, count } = await aPlace();
    await relay.permit('198.51.100.7');
    await relay.permit('198.51.100.7');
    expect(count('create-permission')).toBe(1);
    await clock.advance(RENEWED_AFTER.permission);
    await expect.poll(() => count('create-permission')).toBe(2);
  });

  it('is renewed though the challenge has grown old, with the new one from then on', async () => {
    const { fake, clock, lost } = await aPlace();
    for (const nonce of ['first', 'second']) {
      fake.refusals.push({ errorCode: { code: 438, reason: 'Stale Nonce' }, realm: REALM, nonce });
      await clock.advance(RENEWED_AFTER.place);
      await expect.poll(() => fake.nonces.at(-1)).toBe(nonce);
    }
    expect(fake.asked).toEqual(['allocate', 'refresh', 'refresh', 'refresh', 'refresh']);
    expect(fake.nonces).toEqual([undefined, undefined, 'first', 'first', 'second']);
    expect(lost).toEqual([]);
  });

  it('is lost when the renewal is answered by who does not know the password', async () => {
    const { fake, clock, lost } = await aPlace();
    fake.refusals.push({ errorCode: { code: 438, reason: 'Stale Nonce' }, realm: REALM, nonce: 'first' });
    fake.key = Buffer.from('another');
    await clock.advance(RENEWED_AFTER.place);
    await expect.poll(() => fake.nonces).toEqual([undefined, undefined, 'first']);
    await clock.advance(RELAY_REQUEST_MS);
    await expect.poll(() => lost).toHaveLength(1);
  });

  it('is lost to a relay that challenges without end', async () => {
    const { fake, clock, lost, count } = await aPlace();
    for (let number = 0; number <= RELAY_CHALLENGES; number += 1)
      fake.refusals.push({ errorCode: { code: 438, reason: 'Stale Nonce' }, realm: REALM, nonce: `${number}` });
    await clock.advance(RENEWED_AFTER.place);
    await expect.poll(() => lost).toEqual([expect.stringContaining('438')]);
    expect(count('refresh')).toBe(RELAY_CHALLENGES + 1);
  });

  it('fetches few connections at a time, however many are announced', async () => {
    const { fake, relay, connections } = await aPlace();
    for (let number = 1; number <= RELAY_CONNECTIONS_BINDING + 5; number += 1) fake.announce(number);
    // What is answered after them has come after them.
    await relay.permit('198.51.100.7');
    expect(connections.asked).toBe(1 + RELAY_CONNECTIONS_BINDING);
  });

  it('is lost when it is not renewed, and nothing more is asked then', async () => {
    const { fake, clock, lost } = await aPlace();
    fake.refusals.push({ errorCode: { code: 437, reason: 'Allocation Mismatch' } });
    await clock.advance(RENEWED_AFTER.place);
    await expect.poll(() => lost).toEqual([expect.stringContaining('437')]);
    const asked = fake.asked.length;
    await clock.advance(RENEWED_AFTER.place * 3);
    expect(fake.asked).toHaveLength(asked);
  });

  it('is asked for no longer once it was given up', async () => {
    const { relay, fake, clock, lost } = await aPlace();
    relay.close();
    await clock.advance(RENEWED_AFTER.place);
    expect(fake.asked).toEqual(['allocate']);
    expect(lost).toEqual([]);
  });
});
