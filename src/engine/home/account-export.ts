/**
 * The file that carries an account to another device: JSON, versioned, everything of worth in it sealed under a password.
 * Text in, text out; `account.ts` reads and writes it.
 */
import { createHash, type KeyObject } from 'node:crypto';
import * as z from 'zod';
import { KnownConversation } from '../../events/known-conversation.ts';
import type { OwnerKeys } from '../../identity/keys-file.ts';
import { privateKeyOf, privatePemOf } from '../../identity/keys-file.ts';
import { SealedText, type Sealing, sealText, unsealText } from '../../identity/sealed-text.ts';
import { parseJson } from '../../parse-json.ts';

export interface AccountExport {
  /** What people see. */
  readonly name: string;
  readonly keys: OwnerKeys;
  /** The certificates of account and authority, PEM, in this order. */
  readonly chain: string;
  readonly conversations: readonly KnownConversation[];
  /** The certificates of the account's devices that are known, PEM. */
  readonly devices: readonly string[];
  /** The account's revocation lists, DER. */
  readonly revocations: readonly Uint8Array[];
  /** DHT nodes to start from, `host:port` each. */
  readonly bootstrap: readonly string[];
}

export type OpenedExport =
  | { readonly outcome: 'open'; readonly account: AccountExport }
  | { readonly outcome: 'wrong-password' }
  | { readonly outcome: 'unusable'; readonly detail: string };

const FORMAT = 'swarmlog account';
const VERSION = 1;
const PURPOSE = 'swarmlog account export 1';

const Versioned = z.object({ format: z.literal(FORMAT), version: z.number().int().positive() });
/** `sum`, the SHA-256 of `sealed`, tells a damaged file from a wrong password. */
const ExportFile = Versioned.extend({ version: z.literal(VERSION), sum: z.string(), ...SealedText.shape });

const Content = z.object({
  name: z.string(),
  authority: z.string(),
  account: z.string(),
  chain: z.string(),
  conversations: z.array(KnownConversation),
  devices: z.array(z.string()),
  revocations: z.array(z.base64()),
  bootstrap: z.array(z.string()),
});

/** The file's text. */
export async function writeAccountExport(account: AccountExport, sealing: Sealing): Promise<string> {
  const { keys, revocations, ...plain } = account;
  const content: z.infer<typeof Content> = {
    ...plain,
    conversations: [...plain.conversations],
    devices: [...plain.devices],
    bootstrap: [...plain.bootstrap],
    authority: privatePemOf(keys.authority),
    account: privatePemOf(keys.account),
    revocations: revocations.map((der) => Buffer.from(der).toString('base64')),
  };
  const text = await sealText(JSON.stringify(content), PURPOSE, sealing);
  return `${JSON.stringify({ format: FORMAT, version: VERSION, sum: sumOf(text.sealed), ...text }, undefined, 2)}\n`;
}

/** Reads the file's text. */
export async function readAccountExport(text: string, password: string): Promise<OpenedExport> {
  const json = parseJson(text);
  const { data: stated } = Versioned.safeParse(json);
  if (!stated) return unusable('it is no exported account');
  if (stated.version > VERSION)
    return unusable(
      `a newer swarmlog wrote it (version ${stated.version}, this program knows ${VERSION}); update swarmlog`,
    );
  const { data: file } = ExportFile.safeParse(json);
  if (!file || sumOf(file.sealed) !== file.sum)
    return unusable('it is damaged; copy it again, or export the account again');
  const plain = await unsealText(file, PURPOSE, password);
  return plain === undefined ? { outcome: 'wrong-password' } : readExportContent(plain);
}

/** What was sealed. Whoever knows the password may have written anything. */
export function readExportContent(text: string): OpenedExport {
  const { data } = Content.safeParse(parseJson(text));
  const keys = data && keysOf(data);
  if (!keys) return unusable('what it holds is not what an account needs');
  const { name, chain, conversations, devices, bootstrap } = data;
  const revocations = data.revocations.map((base64) => Buffer.from(base64, 'base64'));
  return { outcome: 'open', account: { name, keys, chain, conversations, devices, revocations, bootstrap } };
}

function keysOf(pems: {
  authority: string;
  account: string;
}): { authority: KeyObject; account: KeyObject } | undefined {
  const [authority, account] = [privateKeyOf(pems.authority), privateKeyOf(pems.account)];
  return authority && account && { authority, account };
}

function unusable(detail: string): OpenedExport {
  return { outcome: 'unusable', detail };
}

function sumOf(sealed: string): string {
  return createHash('sha256').update(sealed).digest('hex');
}
