import { createHash } from 'node:crypto';
import { endOf } from '../../identity/chain.ts';
import type { CertificateChain } from '../../identity/identity.ts';
import { KNOWN_CHAINS } from '../../limits.ts';
import type { Milliseconds, PeerIdentity } from '../../ports.ts';

/**
 * Chains that were checked. What the same bytes say and who signed them does not change, so that it is worked out once;
 * whether they have expired is looked at each time. That a peer holds the key is for TLS to prove, also each time.
 */
export interface KnownChains {
  /** DER, leaf first. Undefined for what was not checked, was forgotten, or has expired. */
  peerOf(certificates: readonly Uint8Array[], now: Milliseconds): PeerIdentity | undefined;
  /** Of a chain that `verifyChain` has let pass. */
  remember(chain: CertificateChain): PeerIdentity;
}

export function createKnownChains(): KnownChains {
  const known = new Map<string, { readonly peer: PeerIdentity; readonly notAfter: Milliseconds }>();
  return {
    peerOf(certificates, now) {
      const found = known.get(digestOf(certificates));
      return found !== undefined && found.notAfter >= now ? found.peer : undefined;
    },
    remember(chain) {
      const { device, account, authority } = chain;
      const peer = { device: device.longId, account: account.shortId };
      const [oldest] = known.keys();
      if (known.size >= KNOWN_CHAINS && oldest !== undefined) known.delete(oldest);
      known.set(digestOf([device.der, account.der, authority.der]), { peer, notAfter: endOf(chain) });
      return peer;
    },
  };
}

/** Lengths go in as well, so that no two chains run into each other. */
function digestOf(certificates: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const der of certificates) hash.update(`${der.length} `).update(der);
  return hash.digest('hex');
}
