/** The account of a home: made, taken over from another device, loaded, unlocked. */
import type { KeyObject } from 'node:crypto';
import * as z from 'zod';
import { clauseOf, SyncError } from '../errors.ts';
import { ACCOUNT_NAME_CHARACTERS } from '../limits.ts';
import { orAborted } from '../or-aborted.ts';
import { parseJson } from '../parse-json.ts';
import type { Milliseconds, Random } from '../ports.ts';
import { verifyChain } from './chain.ts';
import { type AccountKeys, certifyDevice, createAccount, generateAccountKeys, generateKey } from './create-account.ts';
import { deviceKeysOf } from './device-keys.ts';
import type { CertificateChain, DeviceKeys } from './identity.ts';
import { longIdOf, shortIdOf } from './ids-of-key.ts';
import { KEYS_FILE_VERSION, type OwnerKeys, privateKeyOf, readKeysFile } from './keys-file.ts';
import { ACCOUNT_VERSION, accountPaths, holdsNoAccount, placeAccount, settleAccount } from './place-account-adapter.ts';
import { readSmallFile } from './private-file-adapter.ts';
import { sign, verify } from './signature.ts';
import { parseCertificates } from './x509-adapter.ts';

const AccountFile = z.object({ version: z.number().int().positive(), name: z.string() });

export interface NewAccount {
  /** The display name; may be empty. */
  readonly name: string;
  /** Seals the keys of account and authority. Absent or empty: they are as readable as their file is. */
  readonly password?: string | undefined;
  readonly now: Milliseconds;
  readonly random: Random;
  /** Generated when absent. */
  readonly keys?: AccountKeys | undefined;
  /** Called when nothing spoke against the account and only the slow part is left: its keys. */
  readonly onMakingKeys?: (() => void) | undefined;
  /** Fired before the account is placed, it leaves nothing. */
  readonly signal?: AbortSignal | undefined;
}

/** Makes an account in a home and returns its first device. Throws HOME_TAKEN, LIMIT_EXCEEDED, USAGE, DISK_FULL, FILE_FAILED, the signal's reason. */
export async function createAccountIn(home: string, account: NewAccount): Promise<DeviceKeys> {
  const { name, password, now, random, onMakingKeys, signal } = account;
  checkName(name);
  if (!(await holdsNoAccount(home))) throw new SyncError('HOME_TAKEN', { path: home });
  onMakingKeys?.();
  const keys = account.keys ?? (await unlessStopped(generateAccountKeys, signal));
  const chain = await createAccount({ keys, now, random });
  signal?.throwIfAborted();
  return placeAccount(home, { name, keys, chain, sealing: password ? { password, random } : undefined });
}

export interface NewDevice {
  readonly name: string;
  readonly owner: OwnerKeys;
  /** Of the account and its authority. */
  readonly issuers: Pick<CertificateChain, 'account' | 'authority'>;
  /** Seals the keys of account and authority. */
  readonly password: string;
  readonly now: Milliseconds;
  readonly random: Random;
  /** Generated when absent. */
  readonly key?: KeyObject | undefined;
  /** What else is to be in the home once the device is: see `placeAccount`. */
  readonly beside?: ((folder: string) => Promise<void>) | undefined;
  /** These two as in `NewAccount`. */
  readonly onMakingKeys?: (() => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes another device of an account in a new home: with a key of its own, certified by the account's.
 * Throws HOME_TAKEN, DISK_FULL, FILE_FAILED, the signal's reason.
 */
export async function addDeviceIn(home: string, device: NewDevice): Promise<DeviceKeys> {
  const { name, owner, issuers, password, now, random, beside, onMakingKeys, signal } = device;
  if (!(await holdsNoAccount(home))) throw new SyncError('HOME_TAKEN', { path: home });
  onMakingKeys?.();
  const keys = { ...owner, device: device.key ?? (await unlessStopped(generateKey, signal)) };
  const chain = await certifyDevice({ keys, now, random }, issuers);
  signal?.throwIfAborted();
  return placeAccount(home, { name, keys, chain, sealing: { password, random }, beside });
}

/** The pool's threads go on with a key that nobody waits for any more. */
function unlessStopped<T>(make: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  signal?.throwIfAborted();
  return signal ? orAborted(make(), signal) : make();
}

/**
 * The device that a home holds, proved to be able to sign for what its certificates say.
 * Throws HOME_EMPTY, KEY_UNUSABLE, STORE_CORRUPT, HOME_TOO_NEW, FILE_FAILED.
 */
export async function loadDeviceKeys(home: string, { now }: { readonly now: Milliseconds }): Promise<DeviceKeys> {
  await settleAccount(home);
  if (await holdsNoAccount(home)) throw new SyncError('HOME_EMPTY', { path: home });
  const paths = accountPaths(home);
  const key = await readDeviceKey(paths.deviceKey);
  const chain = await readChain(paths.chain, now);
  if (longIdOf(key) !== chain.device.longId)
    throw unusable(paths.deviceKey, `it is not the key that ${paths.chain} certifies`);
  await proveKey(paths.deviceKey, key, chain);
  return deviceKeysOf({ name: await readName(paths.account), chain, key });
}

/**
 * The private keys of account and authority: what it takes to certify another device.
 * Throws HOME_EMPTY, WRONG_PASSWORD, KEY_UNUSABLE, HOME_TOO_NEW, FILE_FAILED.
 */
export async function unlockAccount(home: string, options: UnlockAccount): Promise<OwnerKeys> {
  await settleAccount(home);
  if (await holdsNoAccount(home)) throw new SyncError('HOME_EMPTY', { path: home });
  const { keys: path, chain: chainPath } = accountPaths(home);
  const opened = await readKeysFile((await readKeyFile(path)).toString('utf8'), options.password);
  if (opened.outcome === 'wrong-password') throw new SyncError('WRONG_PASSWORD', { path });
  if (opened.outcome === 'too-new')
    throw new SyncError('HOME_TOO_NEW', { path, version: opened.version, known: KEYS_FILE_VERSION });
  if (opened.outcome === 'unusable') throw unusable(path, opened.detail);
  const { account, authority } = await readChain(chainPath, options.now);
  if (shortIdOf(opened.keys.account) !== account.shortId || shortIdOf(opened.keys.authority) !== authority.shortId)
    throw unusable(path, `its keys are not those that ${chainPath} names`);
  return opened.keys;
}

export interface UnlockAccount {
  /** Only looked at when the keys are sealed. */
  readonly password?: string | undefined;
  readonly now: Milliseconds;
}

async function readKeyFile(path: string): Promise<Buffer> {
  const bytes = await readSmallFile(path);
  if (!bytes) throw unusable(path, 'it is missing');
  return bytes;
}

async function readDeviceKey(path: string): Promise<KeyObject> {
  const key = privateKeyOf((await readKeyFile(path)).toString('latin1'));
  if (!key) throw unusable(path, 'it holds no unencrypted RSA private key in PEM');
  return key;
}

async function readChain(path: string, now: Milliseconds): Promise<CertificateChain> {
  const bytes = await readKeyFile(path);
  try {
    return await verifyChain(parseCertificates(bytes), now);
  } catch (error) {
    throw unusable(path, clauseOf(error), error);
  }
}

/** A private key can be damaged in parts that its public half does not show. */
async function proveKey(path: string, key: KeyObject, chain: CertificateChain): Promise<void> {
  const probe = Buffer.from('swarmlog key probe');
  const signature = await sign(key, probe).catch(() => new Uint8Array());
  if (!(await verify(chain.device.publicKey, probe, signature))) throw unusable(path, 'what it signs does not verify');
}

/** Another program of the format leaves no such file; its account has no name then. */
async function readName(path: string): Promise<string> {
  const bytes = await readSmallFile(path);
  if (!bytes) return '';
  const { data } = AccountFile.safeParse(parseJson(bytes.toString('utf8')));
  if (!data) throw new SyncError('STORE_CORRUPT', { path, detail: 'it does not state the name of the account' });
  if (data.version > ACCOUNT_VERSION)
    throw new SyncError('HOME_TOO_NEW', { path, version: data.version, known: ACCOUNT_VERSION });
  return data.name;
}

function checkName(name: string): void {
  if (name.trim() === '') throw new SyncError('USAGE', { detail: 'An account needs a name that people can see.' });
  const actual = [...name].length;
  if (actual > ACCOUNT_NAME_CHARACTERS)
    throw new SyncError('LIMIT_EXCEEDED', {
      what: 'The length of the name',
      limit: ACCOUNT_NAME_CHARACTERS,
      actual,
    });
}

function unusable(path: string, detail: string, cause?: unknown): SyncError {
  return new SyncError('KEY_UNUSABLE', { path, detail }, { cause });
}
