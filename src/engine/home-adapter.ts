/** The files of a home that are the engine's own. The account's files belong to `identity/`, the rest to the format (§1.6). */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { flushDirectory, makeDirectory, TEMPORARY_PREFIX, writeDurably } from '../durable-file-adapter.ts';
import { fileFailure, SyncError } from '../errors.ts';
import { ConversationId } from '../ids.ts';

const HOME_VERSION = 1;
const DHT_SEED_BYTES = 32;
const HomeFile = z.object({ version: z.number().int().positive() });

export interface Home {
  readonly path: string;
  /** Seed of the device's Ed25519 key in the DHT. */
  readonly dhtSeed: Uint8Array;
  /** The folder of all conversations. */
  readonly conversationsDirectory: string;
  readonly journalDirectory: string;
  /** The chunk lists of files, a cache: what is missing there is made again. */
  readonly chunkListsDirectory: string;
  /** The folder of all files. */
  readonly filesDirectory: string;
  dataDirectory(conversation: ConversationId): string;
  /** The conversations that have a directory here. */
  conversations(): Promise<readonly ConversationId[]>;
}

/** Where a home's journal is. Makes nothing. Throws HOME_TOO_NEW, before anything of a newer home is touched, and STORE_CORRUPT. */
export async function journalDirectoryOf(path: string): Promise<string> {
  const text = await readFile(versionPath(path)).catch(() => undefined);
  if (text) requireVersion(versionPath(path), text);
  return journalPath(path);
}

const journalPath = (path: string) => join(path, 'journal');
const versionPath = (path: string) => join(path, 'home.json');

/** Opens the engine's part of a home that has an account. The caller holds the home's lock: two would make two seeds. Throws HOME_TOO_NEW, STORE_CORRUPT, FILE_FAILED. */
export async function openHome(path: string): Promise<Home> {
  const version = Buffer.from(`${JSON.stringify({ version: HOME_VERSION })}\n`);
  requireVersion(versionPath(path), await readOrCreate(versionPath(path), () => version));
  const seed = await readOrCreate(join(path, 'dht.seed'), () => randomBytes(DHT_SEED_BYTES));
  if (seed.length !== DHT_SEED_BYTES) {
    throw new SyncError('STORE_CORRUPT', {
      path: join(path, 'dht.seed'),
      detail: `it has ${seed.length} bytes, not ${DHT_SEED_BYTES}`,
    });
  }
  const conversationsDirectory = join(path, 'conversations');
  await makePrivate(conversationsDirectory);
  const filesDirectory = join(path, 'conversation_data');
  await makePrivate(filesDirectory);
  await removeLeftovers(path);
  return {
    path,
    dhtSeed: seed,
    conversationsDirectory,
    journalDirectory: journalPath(path),
    chunkListsDirectory: join(path, 'chunk_hashes'),
    filesDirectory,
    dataDirectory: (conversation) => join(filesDirectory, conversation),
    conversations: () => conversationsOf(path),
  };
}

/** The conversations that have a directory in a home, which need not be opened. */
export async function conversationsOf(path: string): Promise<readonly ConversationId[]> {
  const names = await readdir(join(path, 'conversations')).catch(() => []);
  return names.map((name) => ConversationId.safeParse(name)).flatMap(({ data }) => (data ? [data] : []));
}

export function conversationDirectory(path: string, id: ConversationId): string {
  return join(path, 'conversations', id);
}

/** Takes away what the making of a home leaves behind, beside the account's own files. */
export async function removeBeginnings(path: string): Promise<void> {
  for (const name of ['journal', 'certificates', 'crls'])
    await rm(join(path, name), { recursive: true, force: true }).catch(() => {});
}

function requireVersion(path: string, text: Buffer): void {
  const home = HomeFile.safeParse(parseJson(text.toString('utf8')));
  if (!home.success)
    throw new SyncError('STORE_CORRUPT', { path, detail: 'it does not state the version of the home' });
  if (home.data.version > HOME_VERSION) {
    throw new SyncError('HOME_TOO_NEW', { path, version: home.data.version, known: HOME_VERSION });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function makePrivate(path: string): Promise<void> {
  await makeDirectory(path, 0o700).catch((error: unknown) => {
    throw fileFailure(path, error);
  });
}

/** Temporary files of small files that a killed process was about to put in place. */
const LEFTOVER = new RegExp(`^${TEMPORARY_PREFIX}|\\.[0-9a-f]{12}\\.tmp$`);

/** Nothing is taken away that has a name; what cannot be removed now is the next time. */
async function removeLeftovers(path: string): Promise<void> {
  const inner = await Promise.all(['crls', 'chunk_hashes'].map((name) => foldersIn(join(path, name))));
  for (const folder of [path, join(path, 'certificates'), ...inner.flat()]) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((one) => LEFTOVER.test(one))) await rm(join(folder, name)).catch(() => {});
  }
}

async function foldersIn(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name));
}

/** Reads a small file, or writes it first. */
async function readOrCreate(path: string, create: () => Buffer): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fileFailure(path, error);
  }
  const bytes = create();
  try {
    await writeDurably(path, bytes, { temporaryIn: dirname(path), mode: 0o600 });
    await flushDirectory(dirname(path));
  } catch (error) {
    throw fileFailure(path, error);
  }
  return bytes;
}
