/**
 * The file that keeps the private keys of account and authority apart from the device's: JSON, versioned, the keys as
 * PKCS#8 PEM, plain or sealed under a password. Text in, text out; `account-store-adapter.ts` reads and writes it.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import * as z from 'zod';
import { parseJson } from '../parse-json.ts';
import type { AccountKeys } from './create-account.ts';
import { SealedText, type Sealing, sealText, unsealText } from './sealed-text.ts';

export type OwnerKeys = Pick<AccountKeys, 'authority' | 'account'>;

export type OpenedKeys =
  | { readonly outcome: 'open'; readonly keys: OwnerKeys }
  | { readonly outcome: 'wrong-password' }
  | { readonly outcome: 'too-new'; readonly version: number }
  | { readonly outcome: 'unusable'; readonly detail: string };

export const KEYS_FILE_VERSION = 1;
const PURPOSE = 'swarmlog account keys 1';

const Versioned = z.object({ version: z.number().int().positive() });
const PlainKeys = z.object({ authority: z.string(), account: z.string() });
const version = z.literal(KEYS_FILE_VERSION);
const KeysFile = z.discriminatedUnion('protection', [
  PlainKeys.extend({ version, protection: z.literal('none') }),
  SealedText.extend({ version, protection: z.literal('password') }),
]);

/** The file's text. Without `sealing` the keys are as readable as the file is. */
export async function writeKeysFile(keys: OwnerKeys, sealing: Sealing | undefined): Promise<string> {
  const plain = { authority: privatePemOf(keys.authority), account: privatePemOf(keys.account) };
  const file = sealing
    ? { protection: 'password', ...(await sealText(JSON.stringify(plain), PURPOSE, sealing)) }
    : { protection: 'none', ...plain };
  return `${JSON.stringify({ version: KEYS_FILE_VERSION, ...file }, undefined, 2)}\n`;
}

/** Reads the file's text. The password is only looked at when the keys are sealed. */
export async function readKeysFile(text: string, password: string | undefined): Promise<OpenedKeys> {
  const json = parseJson(text);
  const { data: stated } = Versioned.safeParse(json);
  if (stated && stated.version > KEYS_FILE_VERSION) return { outcome: 'too-new', version: stated.version };
  const { data: file } = KeysFile.safeParse(json);
  if (!file) return { outcome: 'unusable', detail: 'it does not have the form of a file of account keys' };
  if (file.protection === 'none') return keysOf(file);
  const plain = password === undefined ? undefined : await unsealText(file, PURPOSE, password);
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

/** PKCS#8. */
export function privatePemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
