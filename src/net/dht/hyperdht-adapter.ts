/**
 * The only door to HyperDHT.
 *
 * - `bootstrap` is always an array: `undefined` would contact public nodes.
 * - A host of 127.0.0.1 keeps every packet, also those that look for own addresses, on the loopback.
 * - A node does not end when its streams break: every stream gets an error handler at birth.
 */
import { type DhtOptions, default as HyperDht, type KeyPair } from '@hyperswarm/dht';
import { messageOf, SyncError } from '../../errors.ts';
import { type Address, formatAddress } from '../address.ts';

export type { DhtServer } from '@hyperswarm/dht';
export type { HyperDht };

/** Any free port, rather than one of the few that the library would try first. */
export const ANY_PORT = [0, 0] as const;

/** The public key that a seed stands for. */
export function dhtKeyOf(seed: Uint8Array): Uint8Array {
  return dhtKeyPair(seed).publicKey;
}

export function dhtKeyPair(seed: Uint8Array): KeyPair {
  return HyperDht.keyPair(seed);
}

/** Resolves when the node has looked around, whomever it found. Throws LISTEN_FAILED. */
export async function startNode(options: DhtOptions): Promise<HyperDht> {
  const node = new HyperDht(options);
  try {
    await node.fullyBootstrapped();
    return node;
  } catch (error) {
    // A node that could not be bound says so once more.
    await node.destroy({ force: true }).catch(() => {});
    const { host, port } = options;
    const address = typeof port === 'number' ? formatAddress({ host, port }) : host;
    throw new SyncError('LISTEN_FAILED', { address, detail: messageOf(error) }, { cause: error });
  }
}

/** Throws BOOTSTRAP_UNREACHABLE when a node was given others to begin with, and found none. */
export function requireNodes(node: HyperDht, bootstrap: readonly Address[]): void {
  if (bootstrap.length > 0 && node.toArray({ limit: 1 }).length === 0)
    throw new SyncError('BOOTSTRAP_UNREACHABLE', { bootstrap: bootstrap.map(formatAddress).join(', ') });
}
