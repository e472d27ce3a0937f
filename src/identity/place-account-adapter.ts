/** How an account's files come into a new home: all of them, in the right order, or none. */
import { join } from 'node:path';
import { SyncError } from '../errors.ts';
import type { AccountKeys } from './create-account.ts';
import { deviceKeysOf } from './device-keys.ts';
import type { CertificateChain, DeviceKeys } from './identity.ts';
import { writeKeysFile } from './keys-file.ts';
import {
  claimFile,
  makePrivateDirectory,
  readSmallFile,
  removeFile,
  writeFileDurably,
} from './private-file-adapter.ts';
import type { Sealing } from './sealed-text.ts';

export const ACCOUNT_VERSION = 1;

/** Format reference §1.6 for the device's, one file of ours for the keys above it. */
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
}

/**
 * The file of the account's keys comes first and is never overwritten: who puts it in place owns the home, also when two
 * try at once, and keys without which an account is lost are safe from a second try.
 * Throws HOME_TAKEN, DISK_FULL, FILE_FAILED; then the home holds no account of ours.
 */
export async function placeAccount(home: string, { name, keys, chain, sealing }: PlacedAccount): Promise<DeviceKeys> {
  const paths = accountPaths(home);
  const device = deviceKeysOf({ name, chain, key: keys.device });
  const keysFile = await writeKeysFile(keys, sealing);
  await makePrivateDirectory(home);
  if (!(await claimFile(paths.keys, keysFile))) throw new SyncError('HOME_TAKEN', { path: home });
  try {
    await writeFileDurably(paths.account, `${JSON.stringify({ version: ACCOUNT_VERSION, name })}\n`);
    await writeFileDurably(paths.chain, device.chainPem);
    await writeFileDurably(paths.deviceKey, device.privateKeyPem);
  } catch (error) {
    await removeAccount(home);
    throw error;
  }
  return device;
}

/** For keys that nobody has seen yet. Left behind, they would keep the home from being tried again, on a disk that is full for example. */
export async function removeAccount(home: string): Promise<void> {
  const { keys, account, chain, deviceKey } = accountPaths(home);
  // The file that claims the home goes last. What was never written is not there to be removed.
  for (const path of [account, chain, deviceKey, keys]) await removeFile(path).catch(() => {});
}
