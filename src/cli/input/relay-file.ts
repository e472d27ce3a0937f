/** Relays as people write them down: JSON, in a file that only they can read, since it holds passwords. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { RelayOption } from '../../engine/devices/relay-options.ts';
import { fileFailure, SyncError } from '../../errors.ts';

const RelayFile = z.strictObject({
  relays: z.array(
    z.union([
      z.strictObject({ uri: z.string(), username: z.string(), password: z.string() }),
      z.strictObject({ uri: z.string(), username: z.string(), secret: z.string() }),
    ]),
  ),
});

/** The relays of a home, unless another file is named. Throws FILE_FAILED, USAGE with what is wrong. */
export async function readRelayFile(home: string, named: string | undefined): Promise<readonly RelayOption[]> {
  const path = named ?? join(home, 'relays.json');
  try {
    return parseRelays(await readPrivate(path), path);
  } catch (error) {
    if (named === undefined && isMissing(error)) return [];
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

function parseRelays(text: string, path: string): readonly RelayOption[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SyncError('USAGE', { detail: `The list of relays ${path} is no JSON.` }, { cause });
  }
  const file = RelayFile.safeParse(json);
  if (file.success) return file.data.relays;
  throw new SyncError('USAGE', {
    detail: `The list of relays ${path} cannot be used. Each has uri, username, and either password or secret.`,
  });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
