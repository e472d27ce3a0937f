import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Milliseconds, Random } from '../ports.ts';
import type { CertificateChain } from './identity.ts';
import { type Issue, issueCertificate, type Named } from './x509-adapter.ts';

/** RSA private keys. Only the device's is needed day by day. */
export interface AccountKeys {
  readonly authority: KeyObject;
  readonly account: KeyObject;
  readonly device: KeyObject;
}

export interface CreateAccount {
  readonly keys: AccountKeys;
  readonly now: Milliseconds;
  readonly random: Random;
}

/**
 * Certifies a new account's keys: the authority by itself, the account by the authority, the device by the account.
 * Source: docs/format.md, "Certificates".
 */
export async function createAccount({ keys, now, random }: CreateAccount): Promise<CertificateChain> {
  const root = { commonName: 'Jami CA', key: keys.authority };
  const owner = { commonName: 'Jami', key: keys.account };
  const issue = issuer({ now, random });
  const authority = await issue({ role: 'authority', subject: root, issuer: root });
  const account = await issue({ role: 'authority', subject: owner, issuer: root });
  return certifyDevice({ keys, now, random }, { account, authority });
}

/** Certifies one more device of an account that exists: `keys.device` is the new device's. */
export async function certifyDevice(
  { keys, now, random }: { readonly keys: Omit<AccountKeys, 'authority'> } & Omit<CreateAccount, 'keys'>,
  { account, authority }: Omit<CertificateChain, 'device'>,
): Promise<CertificateChain> {
  const subject = { commonName: 'Jami device', key: keys.device };
  const owner = { commonName: 'Jami', key: keys.account };
  const device = await issuer({ now, random })({ role: 'device', subject, issuer: owner });
  return { device, account, authority };
}

/** Three keys, a few seconds of work on the pool's threads. */
export async function generateAccountKeys(): Promise<AccountKeys> {
  const [authority, account, device] = await Promise.all([generateKey(), generateKey(), generateKey()]);
  return { authority, account, device };
}

/** The format's key: RSA-4096 with the public exponent 65537. Shorter ones are for tests. */
export async function generateKey(modulusLength = 4096): Promise<KeyObject> {
  return (await promisify(generateKeyPair)('rsa', { modulusLength, publicExponent: 0x10001 })).privateKey;
}

const VALIDITY_MS = 10 * 365 * 24 * 60 * 60 * 1000;

function issuer({ now, random }: Omit<CreateAccount, 'keys'>) {
  return (named: Pick<Issue, 'role'> & { readonly subject: Named; readonly issuer: Named }) =>
    issueCertificate({ ...named, serial: serialNumber(random), notBefore: now, notAfter: now + VALIDITY_MS });
}

/** 63 random bits, so that the number is positive in eight bytes. */
function serialNumber(random: Random): Uint8Array {
  const bytes = Uint8Array.from(random.bytes(8));
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes;
}
