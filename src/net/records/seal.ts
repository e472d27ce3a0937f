/** AES-256-GCM. What was sealed opens with the same key and is what it was then, or does not open. */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import type { Random } from '../../ports.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** By which what is sealed becomes longer. */
export const SEAL_BYTES = NONCE_BYTES + TAG_BYTES;

/**
 * The nonce is drawn and goes in front. It is not counted: a device that has lost its list of rings and answers one once
 * more has the same keys as before, and something else to say.
 */
export function seal(key: Uint8Array, plain: Uint8Array, random: Random): Uint8Array {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined when it was not sealed with the key. */
export function unseal(key: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.byteLength < SEAL_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const plain = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    return undefined;
  }
}

/** 32 bytes for one purpose (HKDF with SHA-256, RFC 5869). */
export function keyFrom(secret: Uint8Array, salt: Uint8Array, purpose: string): Uint8Array {
  return Buffer.from(hkdfSync('sha256', secret, salt, purpose, 32));
}
