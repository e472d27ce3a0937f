/** Ids are facts about keys: hashes over the DER SubjectPublicKeyInfo, never over a certificate (docs/format.md, "Ids"). */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { AccountUri, DeviceId } from '../ids.ts';

/** SHA-1: an account's uri; of a device key, the short id that stands in its certificate's name. Takes either half of a key pair. */
export function shortIdOf(key: KeyObject): AccountUri {
  return AccountUri.parse(createHash('sha1').update(publicKeyInfoOf(key)).digest('hex'));
}

/** SHA-256: a device's id. Takes either half of a key pair. */
export function longIdOf(key: KeyObject): DeviceId {
  return DeviceId.parse(createHash('sha256').update(publicKeyInfoOf(key)).digest('hex'));
}

/** Encoded afresh from the key, so that a certificate with an odd encoding of it cannot give the same key a second id. */
export function publicKeyInfoOf(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return publicKey.export({ type: 'spki', format: 'der' });
}
