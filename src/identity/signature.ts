/**
 * What devices sign: RSASSA-PKCS1-v1_5 (RFC 8017 §8.2) with SHA-512, deterministic. Source: docs/format.md, "Commits".
 * The algorithm is fixed: a key of another kind signs nothing and verifies nothing.
 */
import { constants, type KeyObject, sign as signWith, verify as verifyWith } from 'node:crypto';
import { SyncError } from '../errors.ts';

const HASH = 'sha512';

/** Signs on a thread of the pool. Throws MALFORMED when the key is not an RSA private key. */
export async function sign(key: KeyObject, bytes: Uint8Array): Promise<Uint8Array> {
  if (!isRsa(key) || key.type !== 'private')
    throw new SyncError('MALFORMED', { what: 'signing key', detail: 'it is not an RSA private key' });
  return new Promise((resolve, reject) => {
    signWith(HASH, bytes, withPadding(key), (error, signature) => (error ? reject(error) : resolve(signature)));
  });
}

/** `verify` as a port: whoever judges many commits can be given another way to do it. */
export type Verify = typeof verify;

/** Whether the signature is the key's over the bytes. Works on a thread of the pool; never throws for what a peer sent. */
export async function verify(key: KeyObject, bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (!isRsa(key)) return false;
  return new Promise((resolve) => {
    verifyWith(HASH, bytes, withPadding(key), signature, (error, holds) => resolve(error === null && holds));
  });
}

/** As `verify`, on the calling thread. */
export function verifySync(key: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean {
  return isRsa(key) && verifyWith(HASH, bytes, withPadding(key), signature);
}

function isRsa(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'rsa';
}

function withPadding(key: KeyObject) {
  return { key, padding: constants.RSA_PKCS1_PADDING };
}
