/** The files of a home that are the engine's own. The account's files belong to `identity/`, the rest to the format (§1.6). */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { flushDirectory, makeDirectory, TEMPORARY_PREFIX, writeDurably } from '../../durable-file-adapter.ts';
import { errorCodeOf } from '../../error-code.ts';
import { fileFailure, SyncError } from '../../errors.ts';
import { ConversationId } from '../../ids.ts';
import { namesIn } from '../../names-in-adapter.ts';
import { bringUpToDate, cachePath, readHomeVersion } from './home-version-adapter.ts';

const DHT_SEED_BYTES = 32;
/** What backup programs know such a folder by: https://bford.info/cachedir/ */
const CACHE_TAG = `Signature: 8a477f597d28d172789f06886806bc55
# swarmlog makes again whatever is lost from this folder. It need not be backed up, and may be deleted.
`;

export interface Home {
  readonly path: string;
  /** Seed of the device's Ed25519 key in the DHT. */
  readonly dhtSeed: Uint8Array;
  /** Where rings that were answered are remembered. */
  readonly ringsPath: string;
  /** The folder of all conversations. */
  readonly conversationsDirectory: string;
  readonly journalDirectory: string;
  /** What the journal was folded into, a cache. */
  readonly journalCheckpointPath: string;
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
  await readHomeVersion(path);
  return journalPath(path);
}

const journalPath = (path: string) => join(path, 'journal');
const chunkListsPath = (path: string) => join(cachePath(path), 'chunk_hashes');

/**
 * Opens the engine's part of a home that has an account; one that an older program wrote becomes one of this. The caller
 * holds the home's lock: two would make two seeds. Throws HOME_TOO_NEW, STORE_CORRUPT, DISK_FULL, FILE_FAILED.
 */
export async function openHome(path: string): Promise<Home> {
  await bringUpToDate(path);
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
  await makePrivate(cachePath(path));
  await readOrCreate(join(cachePath(path), 'CACHEDIR.TAG'), () => Buffer.from(CACHE_TAG));
  await removeLeftovers(path);
  return {
    path,
    dhtSeed: seed,
    ringsPath: join(path, 'rings.json'),
    conversationsDirectory,
    journalDirectory: journalPath(path),
    journalCheckpointPath: join(cachePath(path), 'journal_checkpoint'),
    chunkListsDirectory: chunkListsPath(path),
    filesDirectory,
    dataDirectory: (conversation) => join(filesDirectory, conversation),
    conversations: () => conversationsOf(path),
  };
}

/** The conversations that have a directory in a home, which need not be opened. Throws FILE_FAILED. */
export async function conversationsOf(path: string): Promise<readonly ConversationId[]> {
  const names = await namesIn(join(path, 'conversations'));
  return names.map((name) => ConversationId.safeParse(name)).flatMap(({ data }) => (data ? [data] : []));
}

export function conversationDirectory(path: string, id: ConversationId): string {
  return join(path, 'conversations', id);
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
  const inner = await Promise.all([join(path, 'crls'), chunkListsPath(path)].map(foldersIn));
  for (const folder of [path, join(path, 'certificates'), cachePath(path), ...inner.flat()]) {
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
    if (errorCodeOf(error) !== 'ENOENT') throw fileFailure(path, error);
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
