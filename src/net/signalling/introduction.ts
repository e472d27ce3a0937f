import { createHash } from 'node:crypto';
import { SyncError } from '../../errors.ts';
import { endOf } from '../../identity/chain.ts';
import type { CertificateChain, DeviceKeys } from '../../identity/identity.ts';
import { verify } from '../../identity/signature.ts';
import { parseCertificates } from '../../identity/x509-adapter.ts';
import type { DeviceId } from '../../ids.ts';
import { INTRODUCTIONS } from '../../limits.ts';
import type { Clock, Milliseconds, PeerIdentity } from '../../ports.ts';
import type { KnownChains } from '../secure/known-chains.ts';
import { verifiedChain } from '../secure/prove-peer.ts';
import type { Hello } from './signal.ts';

/**
 * Binds a device's DHT key (Ed25519) to its certificate by one RSA signature. From then on the small key speaks for the
 * device: whoever holds an encrypted stream from that key talks to the device.
 *
 * A binding is checked once and remembered, since it says the same for ever; whether the certificates still hold is
 * looked at each time. The link that follows proves both certificates again.
 */
export interface Introductions {
  /** Our own. */
  hello(): Promise<Hello>;
  /** Who speaks from the key. Throws PEER_REJECTED. */
  verify(hello: Hello, dhtKey: Uint8Array): Promise<PeerIdentity>;
}

interface Remembered {
  readonly peer: PeerIdentity;
  readonly notAfter: Milliseconds;
}

export interface IntroductionOptions {
  readonly keys: DeviceKeys;
  /** Our public key in the DHT. */
  readonly ownKey: Uint8Array;
  /** Learns the chains that are introduced. */
  readonly known: KnownChains;
  readonly clock: Clock;
}

export function createIntroductions({ keys, ownKey, known: chains, clock }: IntroductionOptions): Introductions {
  const remembered = new Map<string, Remembered>();
  let own: Promise<Hello> | undefined;

  function remember(digest: string, introduction: Remembered): void {
    const [oldest] = remembered.keys();
    if (remembered.size >= INTRODUCTIONS && oldest !== undefined) remembered.delete(oldest);
    remembered.set(digest, introduction);
  }

  return {
    hello() {
      own ??= signHello(keys, ownKey);
      return own;
    },
    async verify(hello, dhtKey) {
      const digest = digestOf(hello, dhtKey);
      const known = remembered.get(digest);
      if (known && known.notAfter >= clock.now()) return known.peer;
      const chain = await check(hello, dhtKey, clock.now());
      const peer = chains.remember(chain);
      remember(digest, { peer, notAfter: endOf(chain) });
      return peer;
    },
  };
}

async function signHello(keys: DeviceKeys, ownKey: Uint8Array): Promise<Hello> {
  const binding = await keys.sign(statementOf(keys.chain.device.longId, ownKey));
  return { kind: 'hello', version: 1, chain: keys.chainPem, binding: Buffer.from(binding).toString('base64') };
}

async function check(hello: Hello, dhtKey: Uint8Array, now: Milliseconds): Promise<CertificateChain> {
  const chain = await verifiedChain(() => parseCertificates(Buffer.from(hello.chain)), now);
  const statement = statementOf(chain.device.longId, dhtKey);
  if (!(await verify(chain.device.publicKey, statement, Buffer.from(hello.binding, 'base64'))))
    throw new SyncError('PEER_REJECTED', { detail: `its key in the DHT is not that of device ${chain.device.longId}` });
  return chain;
}

/** The label keeps the signature from being taken for one over anything else. */
function statementOf(device: DeviceId, dhtKey: Uint8Array): Uint8Array {
  return Buffer.from(`swarmlog dht key binding v1\n${device}\n${Buffer.from(dhtKey).toString('hex')}\n`);
}

/** Lengths go in as well, so that no two introductions run into each other. */
function digestOf({ chain, binding }: Hello, dhtKey: Uint8Array): string {
  const hash = createHash('sha256').update(JSON.stringify([chain, binding]));
  return hash.update(dhtKey).digest('hex');
}
