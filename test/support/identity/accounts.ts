/** Accounts for tests: real keys and certificates. */
import { type KeyObject, randomBytes, randomInt } from 'node:crypto';
import { createAccountIn } from '../../../src/identity/account-store-adapter.ts';
import { type AccountKeys, certifyDevice, createAccount, generateKey } from '../../../src/identity/create-account.ts';
import { deviceKeysOf } from '../../../src/identity/device-keys.ts';
import type { CertificateChain, DeviceKeys } from '../../../src/identity/identity.ts';
import type { Random } from '../../../src/ports.ts';
import { seededKeys } from '../conformance/seeded-account-keys.ts';

/** Certificates of tests begin here: 2026-01-01. They hold ten years. */
export const TEST_NOW = Date.UTC(2026, 0, 1);

export const testRandom: Random = {
  below: (limit) => randomInt(Math.min(limit, 2 ** 48 - 1)),
  bytes: (count) => randomBytes(count),
};

export interface TestAccountOptions {
  /** 2048 by default, which is generated in a tenth of the time. Ask for 4096 where sizes matter. */
  readonly bits?: 2048 | 4096;
  /** When the certificates begin, in milliseconds since the Unix epoch. */
  readonly now?: number;
}

export interface TestAccount {
  readonly keys: AccountKeys;
  readonly chain: CertificateChain;
  readonly device: DeviceKeys;
}

/** Where keys and serial numbers come from. */
export interface KeySource {
  readonly random: Random;
  key(bits: number): Promise<KeyObject>;
}

/** Keys of 2048 bits follow from a seed for some labels: for these everything is always the same. */
export function keySource(label: string): KeySource {
  const seeded = seededKeys(label);
  if (!seeded) return { random: testRandom, key: generateKey };
  const left = [...seeded.keys];
  return { random: seeded.random, key: async (bits) => left.shift() ?? generateKey(bits) };
}

/** What the keys of an account are found under: they are the same whenever its certificates begin. */
function labelOf(name: string, { bits = 2048 }: TestAccountOptions): string {
  return bits === 2048 ? name : `${name} of ${bits} bits`;
}

const accounts = new Map<string, Promise<TestAccount>>();

/** The device keys of a member. The same name (and options) gives the same keys within one test file. */
export async function testAccount(name: string, options: TestAccountOptions = {}): Promise<DeviceKeys> {
  return (await wholeTestAccount(name, options)).device;
}

/** As `testAccount`, with the private keys of account and authority as well. */
export function wholeTestAccount(name: string, options: TestAccountOptions = {}): Promise<TestAccount> {
  const label = JSON.stringify([name, options]);
  return remembered(accounts, label, async () => {
    const { key, random } = keySource(labelOf(name, options));
    const [authority, account, device] = await Promise.all(times(3, () => key(options.bits ?? 2048)));
    if (!authority || !account || !device) throw new TypeError('three keys were asked for');
    const keys = { authority, account, device };
    const chain = await createAccount({ keys, now: options.now ?? TEST_NOW, random });
    return { keys, chain, device: deviceKeysOf({ name, chain, key: device }) };
  });
}

/** Puts the account of that name into a home, as `init` does, but for the size of its keys. */
export async function placeAccount(home: string, name: string): Promise<DeviceKeys> {
  const { keys } = await wholeTestAccount(name);
  return await createAccountIn(home, { name, keys, now: Date.now(), random: testRandom });
}

/** One more device of the account of that name; `label` tells several of them apart. */
export function secondTestDevice(
  name: string,
  label = 'second',
  options: TestAccountOptions = {},
): Promise<DeviceKeys> {
  const whole = JSON.stringify([name, label, options]);
  return remembered(devices, whole, async () => {
    const { keys, chain: first } = await wholeTestAccount(name, options);
    const { key, random } = keySource(labelOf(`${name} ${label}`, options));
    const device = await key(options.bits ?? 2048);
    const issue = { keys: { ...keys, device }, now: options.now ?? TEST_NOW, random };
    return deviceKeysOf({ name, chain: await certifyDevice(issue, first), key: device });
  });
}

const devices = new Map<string, Promise<DeviceKeys>>();

function remembered<Value>(cache: Map<string, Promise<Value>>, key: string, make: () => Promise<Value>) {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make();
  cache.set(key, made);
  return made;
}

function times<Value>(count: number, make: () => Value): Value[] {
  return Array.from({ length: count }, make);
}
