import { createAccountIn, loadDeviceKeys } from '../../identity/account-store-adapter.ts';
import type { AccountUri, DeviceId } from '../../ids.ts';
import { nodeClock, nodeRandom } from '../node-ports-adapter.ts';

/** An account and the device of a home. */
export interface AccountInfo {
  readonly uri: AccountUri;
  readonly device: DeviceId;
  readonly name: string;
}

export interface CreateAccountOptions {
  /** What people see. */
  readonly name: string;
  /** Seals the keys of the account; the device's own key stays readable, so that an engine can start unattended. */
  readonly password?: string;
  /** Called when nothing spoke against the account and only the slow part is left: its keys. */
  readonly onMakingKeys?: () => void;
  /** Fired before the account is there, it leaves nothing. */
  readonly signal?: AbortSignal;
}

/** Makes an account and its first device in a new home. Takes seconds: three RSA-4096 keys. Throws HOME_TAKEN, DISK_FULL, FILE_FAILED, the signal's reason. */
export async function createAccount(home: string, options: CreateAccountOptions): Promise<AccountInfo> {
  return infoOf(await createAccountIn(home, { ...options, now: nodeClock.now(), random: nodeRandom }));
}

/** The account of a home. Throws HOME_EMPTY, KEY_UNUSABLE. */
export async function readAccount(home: string): Promise<AccountInfo> {
  return infoOf(await loadDeviceKeys(home, { now: nodeClock.now() }));
}

function infoOf({ account: uri, device, name }: { account: AccountUri; device: DeviceId; name: string }): AccountInfo {
  return { uri, device, name };
}
