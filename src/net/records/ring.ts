/**
 * How a device that is not reached by a stream is asked to read records: a ring is a record under a key pair made for this
 * once, and that key is announced where the device looks. Only the device can read who rings, and when that was.
 *
 * The two sides agree on a session's secret by Diffie-Hellman as in Noise's pattern IK, first message: the ring's key with the
 * device's, and both devices' keys. So each knows that nobody else but the other made what opens with it.
 */
import { createHash } from 'node:crypto';
import type { Milliseconds, Random } from '../../ports.ts';
import { agreeOnSecret, publicKeyOf } from './agree-on-secret.ts';
import { keyFrom, seal, unseal } from './seal.ts';

/** What both sides know of a session, and nobody else. */
export interface RecordSession {
  /** The other device's DHT key. */
  readonly peer: Uint8Array;
  readonly secret: Uint8Array;
}

export interface OpenedRing extends RecordSession {
  /** When it was made, by the clock of who rings. */
  readonly at: Milliseconds;
}

/** Where rings for the device with that DHT key are announced. */
export function ringTopic(device: Uint8Array): Uint8Array {
  return createHash('sha256').update('swarmlog ring v1 ').update(device).digest();
}

const VERSION = 1;
/** The time (8) and who rings. */
const PLAIN_BYTES = 8 + 32;

export interface Ringing {
  /** Of the key pair that is made for this ring: 32 random bytes. */
  readonly ringSeed: Uint8Array;
  readonly random: Random;
  readonly ownSeed: Uint8Array;
  readonly peer: Uint8Array;
  readonly at: Milliseconds;
}

/** Throws when the peer's key is none. */
export function makeRing({
  ringSeed,
  random,
  ownSeed,
  peer,
  at,
}: Ringing): RecordSession & { readonly record: Uint8Array } {
  const [ringKey, own] = [publicKeyOf(ringSeed), publicKeyOf(ownSeed)];
  const ringSecret = agreeOnSecret(ringSeed, peer);
  const plain = Buffer.alloc(PLAIN_BYTES);
  plain.writeBigUInt64BE(BigInt(at), 0);
  plain.set(own, 8);
  const sealed = seal(ringSealKey(ringSecret, ringKey, peer), plain, random);
  const secret = sessionSecret([ringSecret, agreeOnSecret(ownSeed, peer)], [ringKey, own, peer]);
  return { record: Buffer.concat([Uint8Array.of(VERSION), sealed]), peer, secret };
}

/** Undefined when it is no ring for the holder of the seed. */
export function openRing(ownSeed: Uint8Array, ringKey: Uint8Array, record: Uint8Array): OpenedRing | undefined {
  if (record[0] !== VERSION) return undefined;
  try {
    const own = publicKeyOf(ownSeed);
    const ringSecret = agreeOnSecret(ownSeed, ringKey);
    const plain = unseal(ringSealKey(ringSecret, ringKey, own), record.subarray(1));
    if (plain?.byteLength !== PLAIN_BYTES) return undefined;
    const peer = plain.subarray(8);
    const secret = sessionSecret([ringSecret, agreeOnSecret(ownSeed, peer)], [ringKey, peer, own]);
    return { peer, secret, at: Number(Buffer.from(plain).readBigUInt64BE(0)) };
  } catch {
    // One of the keys is no point that a secret can be agreed on with.
    return undefined;
  }
}

function ringSealKey(ringSecret: Uint8Array, ringKey: Uint8Array, device: Uint8Array): Uint8Array {
  return keyFrom(ringSecret, Buffer.concat([ringKey, device]), 'swarmlog ring v1');
}

function sessionSecret(secrets: readonly Uint8Array[], keys: readonly Uint8Array[]): Uint8Array {
  return keyFrom(Buffer.concat(secrets), Buffer.concat(keys), 'swarmlog record session v1');
}
