import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type OpenedKeys, readKeysFile, writeKeysFile } from '../../../src/identity/keys-file.ts';
import { PASSWORD_SCRYPT_COST_MAX } from '../../../src/limits.ts';
import { testRandom, wholeTestAccount } from '../../support/identity/accounts.ts';

const { keys } = await wholeTestAccount('alice');
const PASSWORD = 'caf\u00e9 au lait';
const plain = await writeKeysFile(keys, undefined);
const sealed = await writeKeysFile(keys, { password: PASSWORD, random: testRandom });

describe('the file of account keys', () => {
  it('gives back the keys that were put in', async () => {
    expect(same(await readKeysFile(plain, undefined))).toBe(true);
    expect(same(await readKeysFile(sealed, PASSWORD))).toBe(true);
  });

  it('opens however the keyboard composes the letters of the password', async () => {
    expect((await readKeysFile(sealed, PASSWORD.normalize('NFD'))).outcome).toBe('open');
  });

  it('needs no password where it was given none', async () => {
    expect((await readKeysFile(plain, 'any')).outcome).toBe('open');
  });

  it('stays closed to another password, to none and to an empty one', async () => {
    for (const password of ['cafe au lait', '', undefined])
      expect(await readKeysFile(sealed, password)).toEqual({ outcome: 'wrong-password' });
  });

  it('shows nothing of sealed keys', () => {
    const body = keys.account.export({ type: 'pkcs8', format: 'pem' }).toString().split('\n')[1] ?? '';
    expect(plain).toContain(body);
    expect(sealed).not.toContain(body);
    expect(sealed).not.toContain('PRIVATE KEY');
  });

  it('is sealed in another way each time', async () => {
    expect(await writeKeysFile(keys, { password: PASSWORD, random: testRandom })).not.toBe(sealed);
  });

  it.each([
    ['a cheaper derivation', (file: Sealed) => ({ ...file, kdf: { ...file.kdf, cost: file.kdf.cost / 2 } })],
    ['another salt', (file: Sealed) => ({ ...file, kdf: { ...file.kdf, salt: 'AAAA' } })],
    ['another nonce', (file: Sealed) => ({ ...file, cipher: { ...file.cipher, nonce: 'AAAAAAAAAAAAAAAA' } })],
    ['no nonce', (file: Sealed) => ({ ...file, cipher: { ...file.cipher, nonce: '' } })],
    ['a cut seal', (file: Sealed) => ({ ...file, sealed: file.sealed.slice(0, -4) })],
    ['an empty seal', (file: Sealed) => ({ ...file, sealed: '' })],
  ])('stays closed with %s', async (_, change) => {
    const changed = JSON.stringify(change(JSON.parse(sealed)));
    expect(await readKeysFile(changed, PASSWORD)).toEqual({ outcome: 'wrong-password' });
  });

  it('does not spend more on a password than its limit', async () => {
    const file: Sealed = JSON.parse(sealed);
    const greedy = { ...file, kdf: { ...file.kdf, cost: PASSWORD_SCRYPT_COST_MAX * 2 } };
    expect((await readKeysFile(JSON.stringify(greedy), PASSWORD)).outcome).toBe('unusable');
  });

  it('says that it is too new before it says that it is unreadable', async () => {
    expect(await readKeysFile('{"version":2,"protection":"star"}', PASSWORD)).toEqual({
      outcome: 'too-new',
      version: 2,
    });
  });

  it.each(['', '{', '[]', 'null', '{"version":1}', '{"version":1,"protection":"none","authority":"","account":""}'])(
    'is unusable as %j',
    async (text) => {
      expect((await readKeysFile(text, PASSWORD)).outcome).toBe('unusable');
    },
  );

  it('is unusable with a key of another kind', async () => {
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const odd = await writeKeysFile({ ...keys, account: curve }, undefined);
    expect((await readKeysFile(odd, undefined)).outcome).toBe('unusable');
  });
});

interface Sealed {
  readonly kdf: { readonly cost: number; readonly salt: string };
  readonly cipher: { readonly nonce: string };
  readonly sealed: string;
}

function same(opened: OpenedKeys): boolean {
  return (
    opened.outcome === 'open' &&
    opened.keys.account.equals(keys.account) &&
    opened.keys.authority.equals(keys.authority)
  );
}
