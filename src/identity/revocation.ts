import { SyncError } from '../errors.ts';
import type { AccountUri, DeviceId } from '../ids.ts';
import { accountBelongsTo, deviceBelongsTo } from './chain.ts';
import { parseRevocationList, type RevocationList } from './crl-adapter.ts';
import type { Certificate } from './identity.ts';
import { parseCertificates } from './x509-adapter.ts';

/** An account's word that it no longer stands behind some of its devices, with all that proves it. */
export interface Revocation {
  readonly account: AccountUri;
  readonly list: RevocationList;
  /** The certificates of account and authority, PEM, in this order. */
  readonly issuers: string;
  /**
   * The revoked devices' certificates, PEM. The list names serial numbers; only a certificate tells whose each is. Those
   * that it names by their ids need none.
   */
  readonly devices: ReadonlyMap<DeviceId, string>;
}

/** All devices that are known to be revoked by it. */
export function revokedBy({ list, devices }: Pick<Revocation, 'list' | 'devices'>): ReadonlySet<DeviceId> {
  return new Set([...devices.keys(), ...list.devices]);
}

/** A revocation as it is kept and as it travels. */
export interface StatedRevocation {
  readonly list: Uint8Array;
  readonly issuers: string;
  readonly devices: readonly string[];
}

/** Whose revocation it says to be: nothing is proved yet. Throws MALFORMED, LIMIT_EXCEEDED. */
export function revokingAccount({ issuers }: Pick<StatedRevocation, 'issuers'>): AccountUri | undefined {
  return parseCertificates(Buffer.from(issuers))[0]?.shortId;
}

/**
 * Believes nothing but signatures: the authority's under the account's certificate, the account's under the list and
 * under each device's certificate. Dates do not matter: what is revoked stays so. Throws MALFORMED, LIMIT_EXCEEDED, CHAIN_INVALID.
 */
export async function verifyRevocation({ list: der, issuers, devices }: StatedRevocation): Promise<Revocation> {
  const [account, authority] = parseCertificates(Buffer.from(issuers));
  if (!account || !authority || !(await accountBelongsTo(account, authority)))
    throw invalid('the account that revokes is not certified by its authority');
  const list = parseRevocationList(der);
  if (!(await list.isSignedBy(account.publicKey)))
    throw invalid(`the revocation list is not signed by ${account.shortId}`);
  const revoked = new Map<DeviceId, string>();
  for (const pem of devices) {
    const device = await revokedDevice(pem, { account, list });
    revoked.set(device.longId, device.pem);
  }
  return { account: account.shortId, list, issuers: account.pem + authority.pem, devices: revoked };
}

async function revokedDevice(
  pem: string,
  { account, list }: { readonly account: Certificate; readonly list: RevocationList },
): Promise<Certificate> {
  const [device] = parseCertificates(Buffer.from(pem));
  if (!device || !(await deviceBelongsTo(device, account)))
    throw invalid(`a certificate that is said to be revoked is not one of ${account.shortId}`);
  if (!list.serials.has(device.serial) && !list.devices.has(device.longId))
    throw invalid(`device ${device.longId} is not on the revocation list`);
  return device;
}

function invalid(detail: string): SyncError {
  return new SyncError('CHAIN_INVALID', { detail });
}
