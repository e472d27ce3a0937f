import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  addDeviceIn,
  createAccountIn,
  loadDeviceKeys,
  unlockAccount,
} from '../../../src/identity/account-store-adapter.ts';
import { verify } from '../../../src/identity/signature.ts';
import { ACCOUNT_NAME_CHARACTERS } from '../../../src/limits.ts';
import { temporaryDirectory } from '../../support/folders/temporary-directory.ts';
import { secondTestDevice, TEST_NOW, testRandom, wholeTestAccount } from '../../support/identity/accounts.ts';
import { thrownBy } from '../../support/thrown.ts';

const PKCS8 = { type: 'pkcs8', format: 'pem' } as const;
const alice = await wholeTestAccount('alice');
const bob = await wholeTestAccount('bob');
const otherDevice = await secondTestDevice('alice');
const curveKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(PKCS8);
const damagedKey = damagedPrivateHalf(alice.keys.device);
const mixedChain = alice.chain.device.pem + bob.chain.account.pem + bob.chain.authority.pem;
const now = TEST_NOW;
const newAlice = { name: 'Alice', keys: alice.keys, now, random: testRandom };
const STOPPED = new Error('stopped');
const FILES = ['account.json', 'account.keys.json', 'ring_device.crt', 'ring_device.key'];

describe('an account in a home', () => {
  it('is the same device after it was loaded', async () => {
    const home = join(await temporaryDirectory(), 'deep', 'home');
    const made = await createAccountIn(home, newAlice);
    const loaded = await loadDeviceKeys(home, { now });
    for (const device of [made, loaded])
      expect(device).toMatchObject({
        name: 'Alice',
        account: alice.device.account,
        device: alice.device.device,
        chainPem: made.chainPem,
        privateKeyPem: alice.device.privateKeyPem,
      });
    const signature = await loaded.sign(Buffer.from('hello'));
    expect(await verify(made.chain.device.publicKey, Buffer.from('hello'), signature)).toBe(true);
  });

  it('is readable by nobody else, and leaves no partial file', async () => {
    const home = join(await temporaryDirectory(), 'home');
    await createAccountIn(home, newAlice);
    expect((await readdir(home)).sort()).toEqual(FILES);
    expect(await modeOf(home)).toBe(0o700);
    for (const file of FILES) expect(await modeOf(join(home, file))).toBe(0o600);
  });

  it('closes a home that stood open while empty, and leaves the doors of a used one alone', async () => {
    const folder = await temporaryDirectory();
    const [empty, used] = [join(folder, 'empty'), join(folder, 'used')];
    for (const home of [empty, used]) {
      await mkdir(home);
      await chmod(home, 0o755);
    }
    await writeFile(join(used, 'photo.png'), '');
    for (const home of [empty, used]) await createAccountIn(home, newAlice);
    expect([await modeOf(empty), await modeOf(used)]).toEqual([0o700, 0o755]);
  });

  it('has the key of the device only where the format wants it, and PKCS #8', async () => {
    const { home } = await aliceAtHome();
    const key = await readFile(join(home, 'ring_device.key'), 'utf8');
    expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(await readFile(join(home, 'account.keys.json'), 'utf8')).not.toContain(key.split('\n')[1]);
    expect((await readFile(join(home, 'ring_device.crt'), 'utf8')).match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
  });

  it('keeps its name, whatever the letters', async () => {
    const home = await temporaryDirectory();
    await createAccountIn(home, { ...newAlice, name: 'Zoé' });
    expect((await loadDeviceKeys(home, { now })).name).toBe('Zoé');
  });

  it('needs a name that people can see', async () => {
    const home = await temporaryDirectory();
    await thrownBy('USAGE', () => createAccountIn(home, { ...newAlice, name: ' \t' }));
    expect(await readdir(home)).toEqual([]);
  });

  it('is never overwritten', async () => {
    const { home, snapshot } = await aliceAtHome();
    const before = await snapshot();
    await thrownBy('HOME_TAKEN', () => createAccountIn(home, { ...newAlice, keys: bob.keys }));
    expect(await snapshot()).toEqual(before);
  });

  it('is not overwritten when it lost one of its keys either', async () => {
    for (const lost of ['ring_device.key', 'account.keys.json']) {
      const { home } = await aliceAtHome();
      await unlink(join(home, lost));
      await thrownBy('HOME_TAKEN', () => createAccountIn(home, newAlice));
    }
  });

  it('is made once when two try at the same time', async () => {
    const home = await temporaryDirectory();
    const tries = [alice, bob].map(({ keys }) => createAccountIn(home, { ...newAlice, keys }));
    const ended = await Promise.allSettled(tries);
    expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await readdir(home)).sort()).toEqual(FILES);
    const winner = ended[0]?.status === 'fulfilled' ? alice : bob;
    expect((await loadDeviceKeys(home, { now })).device).toBe(winner.device.device);
  });

  it('has a name of bounded length', async () => {
    const home = join(await temporaryDirectory(), 'home');
    const name = 'x'.repeat(ACCOUNT_NAME_CHARACTERS + 1);
    await thrownBy('LIMIT_EXCEEDED', () => createAccountIn(home, { ...newAlice, name }));
    await thrownBy('HOME_EMPTY', () => loadDeviceKeys(home, { now }));
  });

  it('can be tried again after it could not be written to its end', async () => {
    const home = await temporaryDirectory();
    const obstacle = join(home, 'ring_device.crt');
    await mkdir(join(obstacle, 'not empty'), { recursive: true });
    await thrownBy('FILE_FAILED', () => createAccountIn(home, newAlice));
    expect(await readdir(home)).toEqual(['ring_device.crt']);
    await rm(obstacle, { recursive: true });
    await createAccountIn(home, newAlice);
    expect((await loadDeviceKeys(home, { now })).name).toBe('Alice');
  });

  it('leaves an empty folder as open as it was when it could not be made', async () => {
    const home = await temporaryDirectory();
    await chmod(home, 0o755);
    const random = { ...testRandom, bytes: failingBeyond(8) };
    await thrownBy('FILE_FAILED', () => createAccountIn(home, { ...newAlice, random, password: 'horse' }));
    expect([await readdir(home), await modeOf(home)]).toEqual([[], 0o755]);
  });

  it('is made without a word about keys where none are made', async () => {
    const { home } = await aliceAtHome();
    const said: string[] = [];
    const onMakingKeys = () => said.push('making keys');
    await thrownBy('HOME_TAKEN', () => createAccountIn(home, { ...newAlice, onMakingKeys }));
    await createAccountIn(join(home, 'new'), { ...newAlice, onMakingKeys });
    expect(said).toEqual(['making keys']);
  });

  it('that is stopped before it is placed leaves nothing', async () => {
    const home = join(await temporaryDirectory(), 'home');
    const stop = new AbortController();
    const onMakingKeys = () => stop.abort(STOPPED);
    for (const keys of [alice.keys, undefined]) {
      const making = createAccountIn(home, { ...newAlice, keys, onMakingKeys, signal: stop.signal });
      await expect(making).rejects.toBe(STOPPED);
    }
    await expect(stat(home)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('gets no other device where that is stopped, also while its key is made', async () => {
    const home = join(await temporaryDirectory(), 'home');
    const stop = new AbortController();
    const onMakingKeys = () => setImmediate(() => stop.abort(STOPPED));
    const { chain: issuers, keys: owner } = alice;
    const device = { name: 'Alice', owner, issuers, password: 'horse', now, random: testRandom };
    await expect(addDeviceIn(home, { ...device, onMakingKeys, signal: stop.signal })).rejects.toBe(STOPPED);
    await expect(stat(home)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('cannot be made where a file stands', async () => {
    const file = join(await temporaryDirectory(), 'file');
    await writeFile(file, '');
    await thrownBy('FILE_FAILED', () => createAccountIn(file, newAlice));
  });
});

describe('loading a device', () => {
  it('says that the home is empty', async () => {
    const folder = await temporaryDirectory();
    await thrownBy('HOME_EMPTY', () => loadDeviceKeys(folder, { now }));
    await thrownBy('HOME_EMPTY', () => loadDeviceKeys(join(folder, 'nowhere'), { now }));
    await thrownBy('HOME_EMPTY', () => unlockAccount(folder, { now }));
  });

  it('takes no home that cannot be read for an empty one', async () => {
    const file = join(await temporaryDirectory(), 'no folder');
    await writeFile(file, '');
    expect((await thrownBy('FILE_FAILED', () => loadDeviceKeys(file, { now }))).data.path).toBe(file);
    expect((await thrownBy('FILE_FAILED', () => unlockAccount(file, { now }))).data.path).toBe(file);
  });

  it('takes an account without a name file, as another program leaves it', async () => {
    const { home } = await aliceAtHome();
    await unlink(join(home, 'account.json'));
    await unlink(join(home, 'account.keys.json'));
    expect((await loadDeviceKeys(home, { now })).name).toBe('');
  });

  it.each([
    { what: 'an empty key', key: '', detail: 'no unencrypted RSA private key' },
    { what: 'a key of another kind', key: curveKey, detail: 'no unencrypted RSA private key' },
    { what: 'a cut key', key: alice.device.privateKeyPem.slice(0, 900), detail: 'no unencrypted RSA private key' },
    { what: 'the key of another device', key: otherDevice.privateKeyPem, detail: 'is not the key that' },
    { what: 'damage behind a good public half', key: damagedKey, detail: 'what it signs does not verify' },
  ])('refuses $what and names the file of the key', async ({ key, detail }) => {
    const { home } = await aliceAtHome();
    await writeFile(join(home, 'ring_device.key'), key);
    const { data } = await thrownBy('KEY_UNUSABLE', () => loadDeviceKeys(home, { now }));
    expect(data.path).toBe(join(home, 'ring_device.key'));
    expect(data.detail).toContain(detail);
  });

  it.each([
    { what: 'no certificate', chain: '', detail: 'Malformed certificate' },
    { what: 'a chain without its end', chain: alice.chain.device.pem, detail: 'it has 1 certificates' },
    { what: 'a mixed chain', chain: mixedChain, detail: 'the device certificate names' },
  ])('refuses $what and names the file of the chain', async ({ chain, detail }) => {
    const { home } = await aliceAtHome();
    await writeFile(join(home, 'ring_device.crt'), chain);
    const { data } = await thrownBy('KEY_UNUSABLE', () => loadDeviceKeys(home, { now }));
    expect(data.path).toBe(join(home, 'ring_device.crt'));
    expect(data.detail).toContain(detail);
  });

  it.each(['ring_device.key', 'ring_device.crt'])('refuses a home without %s', async (file) => {
    const { home } = await aliceAtHome();
    await unlink(join(home, file));
    const { data } = await thrownBy('KEY_UNUSABLE', () => loadDeviceKeys(home, { now }));
    expect(data).toEqual({ path: join(home, file), detail: 'it is missing' });
  });

  it('refuses a chain that has expired', async () => {
    const { home } = await aliceAtHome();
    const { data } = await thrownBy('KEY_UNUSABLE', () =>
      loadDeviceKeys(home, { now: alice.chain.device.notAfter + 1 }),
    );
    expect(data.detail).toContain('the device certificate expired on');
  });

  it('tells a name file of a newer program from a damaged one', async () => {
    const { home } = await aliceAtHome();
    await writeFile(join(home, 'account.json'), '{"version":2,"name":"Alice"}');
    await thrownBy('HOME_TOO_NEW', () => loadDeviceKeys(home, { now }));
    await writeFile(join(home, 'account.json'), '{"version":1');
    await thrownBy('STORE_CORRUPT', () => loadDeviceKeys(home, { now }));
  });
});

describe('unlocking an account', () => {
  it('gives the keys of account and authority', async () => {
    const { home } = await aliceAtHome();
    const keys = await unlockAccount(home, { now });
    expect(keys.account.equals(alice.keys.account) && keys.authority.equals(alice.keys.authority)).toBe(true);
  });

  it('takes the password it was made with, while the device needs none', async () => {
    const { home } = await aliceAtHome('open sesame');
    expect((await unlockAccount(home, { password: 'open sesame', now })).account.equals(alice.keys.account)).toBe(true);
    for (const password of ['open barley', undefined]) {
      const { data } = await thrownBy('WRONG_PASSWORD', () => unlockAccount(home, { password, now }));
      expect(data.path).toBe(join(home, 'account.keys.json'));
    }
    expect((await loadDeviceKeys(home, { now })).device).toBe(alice.device.device);
  });

  it('refuses the keys of another account', async () => {
    const { home } = await aliceAtHome();
    const other = await aliceAtHome(undefined, bob.keys);
    await writeFile(join(home, 'account.keys.json'), await readFile(join(other.home, 'account.keys.json')));
    const { data } = await thrownBy('KEY_UNUSABLE', () => unlockAccount(home, { now }));
    expect(data.detail).toContain('are not those that');
  });

  it('refuses a damaged file', async () => {
    const { home } = await aliceAtHome();
    await writeFile(join(home, 'account.keys.json'), 'x');
    await thrownBy('KEY_UNUSABLE', () => unlockAccount(home, { now }));
  });
});

async function aliceAtHome(password?: string, keys = alice.keys) {
  const home = await temporaryDirectory();
  await createAccountIn(home, { ...newAlice, keys, password });
  const snapshot = () => Promise.all(FILES.map((file) => readFile(join(home, file), 'utf8')));
  return { home, snapshot };
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

/** The same modulus, so the same id, but exponents that belong to no key. */
function damagedPrivateHalf(key: KeyObject): string {
  const { d = '', dp = '', dq = '', ...rest } = key.export({ format: 'jwk' });
  const broken = { ...rest, d: flipped(d), dp: flipped(dp), dq: flipped(dq) };
  return createPrivateKey({ key: broken, format: 'jwk' }).export(PKCS8).toString();
}

function flipped(base64url: string): string {
  const bytes = Buffer.from(base64url, 'base64url');
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 0x02;
  return bytes.toString('base64url');
}

/** Gives serial numbers, and nothing that is needed to seal keys in a file. */
function failingBeyond(limit: number): typeof testRandom.bytes {
  return (length) => {
    if (length > limit) throw new Error('no more random bytes');
    return testRandom.bytes(length);
  };
}
