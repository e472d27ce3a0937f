/**
 * How an account's files come into a new home: all of them, or none, whenever the process or the machine stops. They are
 * made in a folder of their own inside the home; a link to its file of keys claims the home, and the rest follows. A start
 * that finds a folder whose keys have claimed the home goes on from there, and throws away the others.
 */
import { randomBytes } from 'node:crypto';
import { link, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { flushDirectory, flushTree } from '../durable-file-adapter.ts';
import { errorCodeOf } from '../error-code.ts';
import { fileFailure, SyncError } from '../errors.ts';
import { namesIn } from '../names-in-adapter.ts';
import type { AccountKeys } from './create-account.ts';
import { deviceKeysOf } from './device-keys.ts';
import type { CertificateChain, DeviceKeys } from './identity.ts';
import { writeKeysFile } from './keys-file.ts';
import { makePrivateDirectory, readSmallFile, writeFileDurably } from './private-file-adapter.ts';
import type { Sealing } from './sealed-text.ts';

export const ACCOUNT_VERSION = 1;

/** The device's files as the format has them, one file of ours for the keys above it: docs/guides/home.md. */
export function accountPaths(home: string) {
  return {
    deviceKey: join(home, 'ring_device.key'),
    chain: join(home, 'ring_device.crt'),
    keys: join(home, 'account.keys.json'),
    account: join(home, 'account.json'),
  };
}

/** Any key counts as an account: one that lost a file can perhaps be mended, one that was overwritten cannot. */
export async function holdsNoAccount(home: string): Promise<boolean> {
  const { deviceKey, keys } = accountPaths(home);
  return !(await readSmallFile(deviceKey)) && !(await readSmallFile(keys));
}

export interface PlacedAccount {
  /** The display name. */
  readonly name: string;
  readonly keys: AccountKeys;
  readonly chain: CertificateChain;
  /** Absent: the keys of account and authority are as readable as their file is. */
  readonly sealing: Sealing | undefined;
  /** Puts what else comes with the account, folders that the home has not, into this one, flushed. */
  readonly beside?: ((folder: string) => Promise<void>) | undefined;
}

/**
 * Keys in a home are never overwritten: of several who place an account at the same time one gets the home, and keys
 * without which an account is lost are safe from a second try.
 * Throws HOME_TAKEN, DISK_FULL, FILE_FAILED; then the home holds no account of ours, and is as it was.
 */
export async function placeAccount(home: string, account: PlacedAccount): Promise<DeviceKeys> {
  const takeBack = await makePrivateDirectory(home);
  try {
    return await placeIn(home, account);
  } catch (error) {
    await takeBack();
    throw error;
  }
}

async function placeIn(home: string, account: PlacedAccount): Promise<DeviceKeys> {
  const folder = join(home, `${FOLDER_PREFIX}${randomBytes(6).toString('hex')}`);
  let device: DeviceKeys;
  try {
    device = await makeAccount(folder, account);
    await requireNew(home, folder);
    await flushTree(folder);
    await link(accountPaths(folder).keys, accountPaths(home).keys);
  } catch (error) {
    await rm(folder, { recursive: true, force: true }).catch(() => {});
    // Whoever got the home meanwhile takes away what others were making in it.
    if (!(await holdsNoAccount(home))) throw new SyncError('HOME_TAKEN', { path: home }, { cause: error });
    throw fileFailure(folder, error);
  }
  await secureClaim(home, folder);
  // From here on the account is there; what cannot be moved now is at the next start.
  await settleAccount(home).catch(() => {});
  return device;
}

const FOLDER_PREFIX = 'new-account-';

async function makeAccount(folder: string, { name, keys, chain, sealing, beside }: PlacedAccount): Promise<DeviceKeys> {
  const paths = accountPaths(folder);
  const device = deviceKeysOf({ name, chain, key: keys.device });
  const keysFile = await writeKeysFile(keys, sealing);
  await makePrivateDirectory(folder);
  await writeFileDurably(paths.keys, keysFile);
  await writeFileDurably(paths.account, `${JSON.stringify({ version: ACCOUNT_VERSION, name })}\n`);
  await writeFileDurably(paths.chain, device.chainPem);
  await writeFileDurably(paths.deviceKey, device.privateKeyPem);
  await beside?.(folder);
  return device;
}

/** A folder is not moved into one that is there, and no file takes the place of a folder. */
async function requireNew(home: string, folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(home, entry.name);
    const there = await stat(path).catch(() => undefined);
    if (there && (entry.isDirectory() || there.isDirectory()))
      throw new SyncError('FILE_FAILED', { path, detail: 'it belongs to no account' });
  }
}

/** A claim that may not last is given up. Where not even that can be done, the folder stays, for the next start to go on. */
async function secureClaim(home: string, folder: string): Promise<void> {
  try {
    await flushDirectory(home);
  } catch (error) {
    await unlink(accountPaths(home).keys)
      .then(() => rm(folder, { recursive: true, force: true }))
      .catch(() => {});
    throw fileFailure(home, error);
  }
}

/**
 * Ends what `placeAccount` began before a crash. Changes nothing in a home where none was placed, or where it is under way.
 * Throws DISK_FULL, FILE_FAILED.
 */
export async function settleAccount(home: string): Promise<void> {
  const names = await namesIn(home);
  const folders = names.filter((name) => name.startsWith(FOLDER_PREFIX)).map((name) => join(home, name));
  if (folders.length === 0 || (await holdsNoAccount(home))) return;
  try {
    for (const folder of folders) {
      if (await hasClaimed(home, folder)) await moveAccount(home, folder);
      await rm(folder, { recursive: true, force: true });
    }
  } catch (error) {
    throw fileFailure(home, error);
  }
}

/** Compared by what is in them: a home that was copied has no links any more. */
async function hasClaimed(home: string, folder: string): Promise<boolean> {
  const [ours, theirs] = [await readSmallFile(accountPaths(home).keys), await readSmallFile(accountPaths(folder).keys)];
  return ours !== undefined && theirs !== undefined && ours.equals(theirs);
}

async function moveAccount(home: string, folder: string): Promise<void> {
  const keys = accountPaths(folder).keys;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (path !== keys) await rename(path, join(home, name)).catch(unlessMoved);
  }
  await flushDirectory(home);
}

/** Another process that looks at the home may have moved it. */
function unlessMoved(error: unknown): void {
  if (errorCodeOf(error) !== 'ENOENT') throw error;
}
