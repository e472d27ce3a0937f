import { randomBytes } from 'node:crypto';
import HyperDht from '@hyperswarm/dht';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RECORD_BYTES } from '../../../../src/limits.ts';
import { agreeOnSecret, publicKeyOf } from '../../../../src/net/records/agree-on-secret.ts';
import { makeRing, openRing, ringTopic } from '../../../../src/net/records/ring.ts';
import { keyFrom, seal, unseal } from '../../../../src/net/records/seal.ts';
import { realRandom } from '../../../support/time/real-clock.ts';

const anySeed = fc.uint8Array({ minLength: 32, maxLength: 32 });
const anyTime = fc.integer({ min: 0, max: 2 ** 45 });
const someKey = () => keyFrom(randomBytes(32), new Uint8Array(), 'a test');

describe('agreeing on a secret', () => {
  it('comes to the same on both sides, and to another with everybody else', () => {
    fc.assert(
      fc.property(anySeed, anySeed, (alice, bob) => {
        const secret = agreeOnSecret(alice, publicKeyOf(bob));
        expect(agreeOnSecret(bob, publicKeyOf(alice))).toEqual(secret);
        expect(agreeOnSecret(randomBytes(32), publicKeyOf(alice))).not.toEqual(secret);
      }),
      { numRuns: 25 },
    );
  });

  it('takes the keys of the DHT', () => {
    const seed = randomBytes(32);
    expect(publicKeyOf(seed)).toEqual(HyperDht.keyPair(seed).publicKey);
  });

  it('refuses a key with which everybody would agree on the same', () => {
    const neutral = Uint8Array.of(1, ...new Uint8Array(31));
    expect(() => agreeOnSecret(randomBytes(32), neutral)).toThrow();
  });
});

describe('a seal', () => {
  it('opens with its key, to what it was, and looks different each time', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (plain) => {
        const key = someKey();
        const sealed = seal(key, plain, realRandom);
        expect(unseal(key, sealed)).toEqual(Buffer.from(plain));
        expect(unseal(someKey(), sealed)).toBeUndefined();
        expect(seal(key, plain, realRandom)).not.toEqual(sealed);
      }),
    );
  });

  it('does not open once a bit of it is another', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(), (plain, place) => {
        const key = someKey();
        const sealed = Buffer.from(seal(key, plain, realRandom));
        const index = place % sealed.byteLength;
        sealed[index] = (sealed[index] ?? 0) ^ 1;
        expect(unseal(key, sealed)).toBeUndefined();
      }),
    );
  });
});

describe('a ring', () => {
  it('tells the device that is rung who rings and when, and both come to one secret', () => {
    fc.assert(
      fc.property(fc.tuple(anySeed, anySeed, anySeed), anyTime, ([ringSeed, alice, bob], at) => {
        const made = makeRing({ random: realRandom, ringSeed, ownSeed: alice, peer: publicKeyOf(bob), at });
        const opened = openRing(bob, publicKeyOf(ringSeed), made.record);
        expect(opened).toEqual({ peer: publicKeyOf(alice), secret: made.secret, at });
        expect(made.record.byteLength).toBeLessThanOrEqual(RECORD_BYTES);
      }),
      { numRuns: 25 },
    );
  });

  it('is nothing to anybody else, and under another key', () => {
    const [ringSeed, alice, bob, eve] = [1, 2, 3, 4].map(() => randomBytes(32)) as [Buffer, Buffer, Buffer, Buffer];
    const { record } = makeRing({ random: realRandom, ringSeed, ownSeed: alice, peer: publicKeyOf(bob), at: 1 });
    expect(openRing(eve, publicKeyOf(ringSeed), record)).toBeUndefined();
    expect(openRing(alice, publicKeyOf(ringSeed), record)).toBeUndefined();
    expect(openRing(bob, publicKeyOf(eve), record)).toBeUndefined();
  });

  it('of somebody who says to be another has a secret that this one does not know', () => {
    const [ringSeed, alice, bob] = [1, 2, 3].map(() => randomBytes(32)) as [Buffer, Buffer, Buffer];
    // Eve can make all of it but what stands on Alice's key.
    const { secret } = makeRing({
      random: realRandom,
      ringSeed,
      ownSeed: randomBytes(32),
      peer: publicKeyOf(bob),
      at: 1,
    });
    const honest = makeRing({ random: realRandom, ringSeed, ownSeed: alice, peer: publicKeyOf(bob), at: 1 });
    expect(openRing(bob, publicKeyOf(ringSeed), honest.record)?.secret).not.toEqual(secret);
  });

  it('is looked for where only who knows the device looks', () => {
    const [alice, bob] = [publicKeyOf(randomBytes(32)), publicKeyOf(randomBytes(32))];
    expect(ringTopic(alice)).toHaveLength(32);
    expect(ringTopic(alice)).not.toEqual(ringTopic(bob));
  });

  it('that is none, or whose key is none, is not read', () => {
    const bob = randomBytes(32);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), anySeed, (record, key) => {
        expect(openRing(bob, key, record)).toBeUndefined();
      }),
    );
    const { record } = makeRing({ random: realRandom, ringSeed: bob, ownSeed: bob, peer: publicKeyOf(bob), at: 1 });
    expect(openRing(bob, Uint8Array.of(1, ...new Uint8Array(31)), record)).toBeUndefined();
  });
});
