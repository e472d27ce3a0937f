import { createPublicKey, createSign, generateKeyPairSync, sign as signWith } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sign, verify, verifySync } from '../../../src/identity/signature.ts';
import { wholeTestAccount } from '../../support/identity/accounts.ts';
import { thrownBy } from '../../support/thrown.ts';

const { keys, device } = await wholeTestAccount('alice');
const publicKey = createPublicKey(keys.device);
const TEXT = Buffer.from('tree of life\n');

describe('a signature', () => {
  it('is that of openssl: SHA-512 with PKCS #1 v1.5, the same each time', async () => {
    const expected = createSign('RSA-SHA512').update(TEXT).sign(keys.device);
    expect(Buffer.from(await sign(keys.device, TEXT))).toEqual(expected);
    expect(Buffer.from(await device.sign(TEXT))).toEqual(expected);
  });

  it('verifies what it was made for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
        const signature = await sign(keys.device, bytes);
        expect(await verify(publicKey, bytes, signature)).toBe(true);
        expect(verifySync(publicKey, bytes, signature)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('does not survive a flipped bit', async () => {
    const signature = await sign(keys.device, TEXT);
    await fc.assert(
      fc.asyncProperty(fc.nat(signature.length * 8 - 1), async (bit) => {
        const flipped = Uint8Array.from(signature);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(await verify(publicKey, TEXT, flipped)).toBe(false);
        expect(verifySync(publicKey, TEXT, flipped)).toBe(false);
      }),
    );
  });

  it('is not just any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), async (bytes) => {
        expect(await verify(publicKey, TEXT, bytes)).toBe(false);
        expect(verifySync(publicKey, TEXT, bytes)).toBe(false);
      }),
    );
  });

  it('of another hash does not count', async () => {
    expect(await verify(publicKey, TEXT, signWith('sha256', TEXT, keys.device))).toBe(false);
  });

  it('of another kind of key does not count, even when it is good', async () => {
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const signature = signWith('sha512', TEXT, curve.privateKey);
    expect(await verify(curve.publicKey, TEXT, signature)).toBe(false);
    expect(verifySync(curve.publicKey, TEXT, signature)).toBe(false);
    await thrownBy('MALFORMED', () => sign(curve.privateKey, TEXT));
  });

  it('cannot be made with a public key', async () => {
    await thrownBy('MALFORMED', () => sign(publicKey, TEXT));
  });
});
