/** Whether certificates prove who a device is. Source: docs/format.md, "Certificates". */
import { SyncError } from '../errors.ts';
import type { Milliseconds } from '../ports.ts';
import type { Certificate, CertificateChain } from './identity.ts';

/**
 * Checks a chain that is ordered leaf first: device, account, authority.
 *
 * - Each certificate is signed by the next; the last one by itself.
 * - A name's UID is a claim. One that is stated must be the short id of the key it names; one that is left out
 *   (enterprise servers do so) claims nothing, and the signature alone binds.
 * - Account and authority may certify others. A device's extensions do not matter: it has none, or after a renewal some.
 * - None has expired at `at`. The beginning is not looked at: a clock that is a little late must not lock out a new device.
 *
 * Throws CHAIN_INVALID.
 */
export async function verifyChain(certificates: readonly Certificate[], at: Milliseconds): Promise<CertificateChain> {
  const [device, account, authority] = certificates;
  if (!device || !account || !authority || certificates.length > 3)
    throw invalid(`it has ${certificates.length} certificates instead of three: device, account, authority`);
  const chain = { device, account, authority };
  const flaw = flawOfClaims(chain) ?? flawOfDates(chain, at) ?? (await flawOfSignatures(chain));
  if (flaw !== undefined) throw invalid(flaw);
  return chain;
}

/** When the first of them expires. */
export function endOf({ device, account, authority }: CertificateChain): Milliseconds {
  return Math.min(device.notAfter, account.notAfter, authority.notAfter);
}

/**
 * Whether the account's key certified the device. For commits, where the device's certificate is judged on its own
 * against the account's of the same tree, and the dates against the commit's time.
 */
export async function deviceBelongsTo(device: Certificate, account: Certificate): Promise<boolean> {
  return flawOfLink('device', device, account) === undefined && (await device.isSignedBy(account.publicKey));
}

/** Whether the authority's key certified the account, and itself: the other half of `verifyChain`, for an account's file in a tree. */
export async function accountBelongsTo(account: Certificate, authority: Certificate): Promise<boolean> {
  if (!account.isAuthority || !authority.isAuthority) return false;
  if (flawOfLink('account', account, authority) ?? flawOfLink('authority', authority, authority)) return false;
  return (await account.isSignedBy(authority.publicKey)) && (await authority.isSignedBy(authority.publicKey));
}

function flawOfClaims({ device, account, authority }: CertificateChain): string | undefined {
  if (!account.isAuthority) return 'the account certificate may not certify devices';
  if (!authority.isAuthority) return 'the authority certificate may not certify accounts';
  return (
    flawOfLink('device', device, account) ??
    flawOfLink('account', account, authority) ??
    flawOfLink('authority', authority, authority)
  );
}

function flawOfLink(what: string, certificate: Certificate, issuer: Certificate): string | undefined {
  if (!isTrueClaim(certificate.subjectUid, certificate))
    return `the ${what} certificate names ${certificate.subjectUid} but holds the key of ${certificate.shortId}`;
  if (!isTrueClaim(certificate.issuerUid, issuer))
    return `the ${what} certificate names ${certificate.issuerUid} as its issuer, which is ${issuer.shortId}`;
  return undefined;
}

function isTrueClaim(uid: string | undefined, named: Certificate): boolean {
  return uid === undefined || uid === '' || uid === named.shortId;
}

function flawOfDates(chain: CertificateChain, at: Milliseconds): string | undefined {
  const expired = Object.entries(chain).find(([, { notAfter }]) => notAfter < at);
  if (!expired) return undefined;
  const [what, { notAfter }] = expired;
  return `the ${what} certificate expired on ${new Date(notAfter).toISOString()}`;
}

async function flawOfSignatures({ device, account, authority }: CertificateChain): Promise<string | undefined> {
  if (!(await device.isSignedBy(account.publicKey))) return 'the device certificate is not signed by the account';
  if (!(await account.isSignedBy(authority.publicKey))) return 'the account certificate is not signed by the authority';
  if (!(await authority.isSignedBy(authority.publicKey))) return 'the authority certificate is not signed by itself';
  return undefined;
}

function invalid(detail: string): SyncError {
  return new SyncError('CHAIN_INVALID', { detail });
}
