import { createHash } from 'node:crypto';
import { SyncError } from '../../errors.ts';
import type { DeviceKeys } from '../../identity/identity.ts';
import { verify } from '../../identity/signature.ts';
import { parseCertificates } from '../../identity/x509-adapter.ts';
import type { DeviceId } from '../../ids.ts';
import { INTRODUCTIONS } from '../../limits.ts';
import type { Clock, Milliseconds, PeerIdentity } from '../../ports.ts';
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

export function createIntroductions(keys: DeviceKeys, ownKey: Uint8Array, clock: Clock): Introductions {
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
      const introduction = await check(hello, dhtKey, clock.now());
      remember(digest, introduction);
      return introduction.peer;
    },
  };
}

async function signHello(keys: DeviceKeys, ownKey: Uint8Array): Promise<Hello> {
  const binding = await keys.sign(statementOf(keys.chain.device.longId, ownKey));
  return { kind: 'hello', version: 1, chain: keys.chainPem, binding: Buffer.from(binding).toString('base64') };
}

async function check(hello: Hello, dhtKey: Uint8Array, now: Milliseconds): Promise<Remembered> {
  const { device, account, authority } = await verifiedChain(() => parseCertificates(Buffer.from(hello.chain)), now);
  const statement = statementOf(device.longId, dhtKey);
  if (!(await verify(device.publicKey, statement, Buffer.from(hello.binding, 'base64'))))
    throw new SyncError('PEER_REJECTED', { detail: `its key in the DHT is not that of device ${device.longId}` });
  const notAfter = Math.min(device.notAfter, account.notAfter, authority.notAfter);
  return { peer: { device: device.longId, account: account.shortId }, notAfter };
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
