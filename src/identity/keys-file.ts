/**
 * The file that keeps the private keys of account and authority apart from the device's: JSON, versioned, in plain
 * PKCS#8 PEM or sealed under a password (scrypt, RFC 7914, then AES-256-GCM over everything the header says).
 * Text in, text out; who reads and writes it is `account-store-adapter.ts`.
 */
import { createCipheriv, createDecipheriv, createPrivateKey, type KeyObject, scrypt } from 'node:crypto';
import { z } from 'zod';
import {
  PASSWORD_SCRYPT_BLOCK_SIZE,
  PASSWORD_SCRYPT_COST,
  PASSWORD_SCRYPT_COST_MAX,
  PASSWORD_SCRYPT_LANES,
} from '../limits.ts';
import type { Random } from '../ports.ts';
import type { AccountKeys } from './create-account.ts';
import { parseJson } from './parse-json.ts';

export type OwnerKeys = Pick<AccountKeys, 'authority' | 'account'>;

export type OpenedKeys =
  | { readonly outcome: 'open'; readonly keys: OwnerKeys }
  | { readonly outcome: 'wrong-password' }
  | { readonly outcome: 'too-new'; readonly version: number }
  | { readonly outcome: 'unusable'; readonly detail: string };

export const KEYS_FILE_VERSION = 1;

const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));
const PlainKeys = z.object({ authority: z.string(), account: z.string() });
const Kdf = z.object({
  name: z.literal('scrypt'),
  cost: z.number().int().min(2).max(PASSWORD_SCRYPT_COST_MAX),
  blockSize: z.number().int().min(1).max(PASSWORD_SCRYPT_BLOCK_SIZE),
  lanes: z.number().int().min(1).max(PASSWORD_SCRYPT_LANES),
  salt: z.base64(),
});
const Header = z.object({
  version: z.literal(KEYS_FILE_VERSION),
  protection: z.literal('password'),
  kdf: Kdf,
  cipher: z.object({ name: z.literal('aes-256-gcm'), nonce: z.base64() }),
});
type Header = z.infer<typeof Header>;

const KeysFile = z.discriminatedUnion('protection', [
  PlainKeys.extend({ version: z.literal(KEYS_FILE_VERSION), protection: z.literal('none') }),
  Header.extend({ sealed: base64 }),
]);
const Versioned = z.object({ version: z.number().int().positive() });

export interface Sealing {
  readonly password: string;
  readonly random: Random;
}

/** The file's text. Without `sealing` the keys are as readable as the file is. */
export async function writeKeysFile(keys: OwnerKeys, sealing: Sealing | undefined): Promise<string> {
  const plain = { authority: pemOf(keys.authority), account: pemOf(keys.account) };
  const file = sealing
    ? await seal(JSON.stringify(plain), sealing)
    : { version: KEYS_FILE_VERSION, protection: 'none', ...plain };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

/** Reads the file's text. The password is only looked at when the keys are sealed. */
export async function readKeysFile(text: string, password: string | undefined): Promise<OpenedKeys> {
  const json = parseJson(text);
  const { data: stated } = Versioned.safeParse(json);
  if (stated && stated.version > KEYS_FILE_VERSION) return { outcome: 'too-new', version: stated.version };
  const { data: file } = KeysFile.safeParse(json);
  if (!file) return { outcome: 'unusable', detail: 'it does not have the form of a file of account keys' };
  if (file.protection === 'none') return keysOf(file);
  if (password === undefined) return { outcome: 'wrong-password' };
  const plain = await unseal(file, password);
  return plain === undefined ? { outcome: 'wrong-password' } : keysOf(parseJson(plain));
}

function keysOf(plain: unknown): OpenedKeys {
  const { data } = PlainKeys.safeParse(plain);
  const account = data && privateKeyOf(data.account);
  const authority = data && privateKeyOf(data.authority);
  if (!account || !authority) return { outcome: 'unusable', detail: 'a key in it is no RSA private key' };
  return { outcome: 'open', keys: { account, authority } };
}

/** Undefined for what is no unencrypted RSA private key. */
export function privateKeyOf(pem: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    return undefined;
  }
}

async function seal(plain: string, { password, random }: Sealing) {
  const header: Header = {
    version: KEYS_FILE_VERSION,
    protection: 'password',
    kdf: {
      name: 'scrypt',
      cost: PASSWORD_SCRYPT_COST,
      blockSize: PASSWORD_SCRYPT_BLOCK_SIZE,
      lanes: PASSWORD_SCRYPT_LANES,
      salt: toBase64(random.bytes(16)),
    },
    cipher: { name: 'aes-256-gcm', nonce: toBase64(random.bytes(12)) },
  };
  const cipher = createCipheriv(
    'aes-256-gcm',
    await sealingKey(password, header),
    Buffer.from(header.cipher.nonce, 'base64'),
  );
  cipher.setAAD(headerBytes(header));
  const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return { ...header, sealed: toBase64(sealed) };
}

const TAG_BYTES = 16;

/** Undefined when the tag does not fit: another password, or a damaged file; which of the two cannot be told. */
async function unseal(file: Header & { sealed: Buffer }, password: string): Promise<string | undefined> {
  try {
    const nonce = Buffer.from(file.cipher.nonce, 'base64');
    const cipher = createDecipheriv('aes-256-gcm', await sealingKey(password, file), nonce, {
      authTagLength: TAG_BYTES,
    });
    cipher.setAAD(headerBytes(file));
    cipher.setAuthTag(file.sealed.subarray(-TAG_BYTES));
    return Buffer.concat([cipher.update(file.sealed.subarray(0, -TAG_BYTES)), cipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

/** What the tag covers beside the keys: a changed cost, salt or name is noticed like a changed key. Field order is fixed here. */
function headerBytes({ version, protection, kdf, cipher }: Header): Buffer {
  const { name, cost, blockSize, lanes, salt } = kdf;
  return Buffer.from(
    JSON.stringify([version, protection, name, cost, blockSize, lanes, salt, cipher.name, cipher.nonce]),
  );
}

/** The password is normalized, so that it opens on a keyboard that composes its letters in another way. */
function sealingKey(password: string, { kdf }: Header): Promise<Buffer> {
  const { cost, blockSize, lanes, salt } = kdf;
  // Node refuses beyond `maxmem`; the algorithm needs 128 bytes for each unit of cost and block size.
  const options = { cost, blockSize, parallelization: lanes, maxmem: 256 * cost * blockSize };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), Buffer.from(salt, 'base64'), 32, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
