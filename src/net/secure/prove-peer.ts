import { isSyncError, SyncError } from '../../errors.ts';
import { verifyChain } from '../../identity/chain.ts';
import type { Certificate, CertificateChain } from '../../identity/identity.ts';
import { parseCertificates } from '../../identity/x509-adapter.ts';
import type { DeviceId } from '../../ids.ts';
import type { Milliseconds, PeerIdentity } from '../../ports.ts';
import { reasonOf } from '../reason-of.ts';
import type { KnownChains } from './known-chains.ts';

export interface Proving {
  readonly expected: DeviceId;
  readonly now: Milliseconds;
  readonly known: KnownChains;
}

/**
 * Who a peer is by the certificates it holds the key of: checked up to the authority, and to be the expected device.
 * `certificates` are DER, leaf first. Throws PEER_REJECTED.
 */
export async function provePeer(
  certificates: readonly Uint8Array[],
  { expected, now, known }: Proving,
): Promise<PeerIdentity> {
  const proved =
    known.peerOf(certificates, now) ??
    known.remember(await verifiedChain(() => certificates.flatMap(parseCertificates), now));
  if (proved.device !== expected)
    throw new SyncError('PEER_REJECTED', { detail: `it is device ${proved.device}, not ${expected}` });
  return proved;
}

/** Verifies what `parse` reads, and turns whatever is wrong with it into PEER_REJECTED. */
export async function verifiedChain(parse: () => readonly Certificate[], now: Milliseconds): Promise<CertificateChain> {
  try {
    return await verifyChain(parse(), now);
  } catch (error) {
    if (!isSyncError(error)) throw error;
    throw new SyncError('PEER_REJECTED', { detail: reasonOf(error) }, { cause: error });
  }
}
