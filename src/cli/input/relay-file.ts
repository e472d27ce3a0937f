/** Relays as people write them down: JSON, in a file that only they can read, since it holds passwords. */
import { open, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import type { RelayOption } from '../../engine/devices/relay-options.ts';
import { errorCodeOf } from '../../error-code.ts';
import { fileFailure, SyncError } from '../../errors.ts';
import { parseJson } from '../../parse-json.ts';

const SERVER = {
  uri: z.string(),
  username: z.string(),
  /** The path of a PEM file, from where the list is. */
  authority: z.string().optional(),
};
const RelayFile = z.strictObject({
  relays: z.array(
    z.union([z.strictObject({ ...SERVER, password: z.string() }), z.strictObject({ ...SERVER, secret: z.string() })]),
  ),
});

/** The relays of a home, unless another file is named. Throws FILE_FAILED, USAGE with what is wrong. */
export async function readRelayFile(home: string, named: string | undefined): Promise<readonly RelayOption[]> {
  const path = named ?? join(home, 'relays.json');
  try {
    const relays = parseRelays(await readPrivate(path), path);
    return await Promise.all(relays.map((relay) => withAuthority(relay, dirname(path))));
  } catch (error) {
    if (named === undefined && errorCodeOf(error) === 'ENOENT') return [];
    throw error instanceof SyncError ? error : fileFailure(path, error);
  }
}

async function readPrivate(path: string): Promise<string> {
  await using file = await open(path, 'r');
  const { mode } = await file.stat();
  if (process.platform !== 'win32' && (mode & OTHERS) !== 0)
    throw new SyncError('USAGE', { detail: `Others can read the passwords in ${path}. Type: chmod 600 ${path}` });
  return file.readFile('utf8');
}

/** What the group and everybody may do. */
const OTHERS = 0o077;

type WrittenRelay = z.infer<typeof RelayFile>['relays'][number];

async function withAuthority({ authority, ...relay }: WrittenRelay, folder: string): Promise<RelayOption> {
  if (authority === undefined) return relay;
  const path = resolve(folder, authority);
  const pem = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileFailure(path, error);
  });
  return { ...relay, authority: pem };
}

/** `path` is for the message. Throws USAGE. */
export function parseRelays(text: string, path: string): readonly WrittenRelay[] {
  const json = parseJson(text);
  if (json === undefined) throw new SyncError('USAGE', { detail: `The list of relays ${path} is no JSON.` });
  const file = RelayFile.safeParse(json);
  if (file.success) return file.data.relays;
  throw new SyncError('USAGE', {
    detail: `The list of relays ${path} cannot be used. Each has uri, username, either password or secret, and perhaps authority, the path of a PEM file.`,
  });
}
