/** Text that a password opens: scrypt (RFC 7914) makes the key, AES-256-GCM seals, and its tag covers how that was done. */
import { createCipheriv, createDecipheriv, scrypt } from 'node:crypto';
import * as z from 'zod';
import {
  PASSWORD_SCRYPT_BLOCK_SIZE,
  PASSWORD_SCRYPT_COST,
  PASSWORD_SCRYPT_COST_MAX,
  PASSWORD_SCRYPT_LANES,
} from '../limits.ts';
import type { Random } from '../ports.ts';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const Header = z.object({
  kdf: z.object({
    name: z.literal('scrypt'),
    cost: z.number().int().min(2).max(PASSWORD_SCRYPT_COST_MAX),
    blockSize: z.number().int().min(1).max(PASSWORD_SCRYPT_BLOCK_SIZE),
    lanes: z.number().int().min(1).max(PASSWORD_SCRYPT_LANES),
    salt: z.base64(),
  }),
  cipher: z.object({ name: z.literal(CIPHER), nonce: z.base64() }),
});
type Header = z.infer<typeof Header>;

/** `sealed` is the ciphertext followed by the tag. */
export const SealedText = Header.extend({ sealed: z.base64() });
export type SealedText = z.infer<typeof SealedText>;

export interface Sealing {
  readonly password: string;
  readonly random: Random;
}

/** `purpose` must be the same again when the text is opened, so that one kind of file cannot stand in for another. */
export async function sealText(plain: string, purpose: string, { password, random }: Sealing): Promise<SealedText> {
  const header: Header = {
    kdf: {
      name: 'scrypt',
      cost: PASSWORD_SCRYPT_COST,
      blockSize: PASSWORD_SCRYPT_BLOCK_SIZE,
      lanes: PASSWORD_SCRYPT_LANES,
      salt: toBase64(random.bytes(SALT_BYTES)),
    },
    cipher: { name: CIPHER, nonce: toBase64(random.bytes(NONCE_BYTES)) },
  };
  const key = await sealingKey(password, header);
  const cipher = createCipheriv(CIPHER, key, fromBase64(header.cipher.nonce));
  cipher.setAAD(coveredBytes(purpose, header));
  const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return { ...header, sealed: toBase64(sealed) };
}

/** Undefined when the tag does not fit: another password, or damage; which of the two cannot be told. */
export async function unsealText(text: SealedText, purpose: string, password: string): Promise<string | undefined> {
  const sealed = fromBase64(text.sealed);
  try {
    const key = await sealingKey(password, text);
    const cipher = createDecipheriv(CIPHER, key, fromBase64(text.cipher.nonce), { authTagLength: TAG_BYTES });
    cipher.setAAD(coveredBytes(purpose, text));
    cipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([cipher.update(sealed.subarray(0, -TAG_BYTES)), cipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

/** A list, so that the order of the fields in a file does not matter. */
function coveredBytes(purpose: string, { kdf, cipher }: Header): Buffer {
  const { name, cost, blockSize, lanes, salt } = kdf;
  return Buffer.from(JSON.stringify([purpose, name, cost, blockSize, lanes, salt, cipher.name, cipher.nonce]));
}

/** The password is normalized, so that it opens on a keyboard that composes its letters in another way. */
function sealingKey(password: string, { kdf }: Header): Promise<Buffer> {
  const { cost, blockSize, lanes, salt } = kdf;
  // The algorithm takes 128 bytes for each unit of cost and block size; node allows 32 MiB unless it is told.
  const options = { cost, blockSize, parallelization: lanes, maxmem: 256 * cost * blockSize };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), fromBase64(salt), KEY_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function fromBase64(text: string): Buffer {
  return Buffer.from(text, 'base64');
}
