import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSyncError } from '../../../src/errors.ts';
import { accountBelongsTo, deviceBelongsTo, verifyChain } from '../../../src/identity/chain.ts';
import type { Certificate } from '../../../src/identity/identity.ts';
import { issueCertificate, parseCertificates } from '../../../src/identity/x509-adapter.ts';
import { secondTestDevice, TEST_NOW, wholeTestAccount } from '../../support/identity/accounts.ts';
import { only } from '../../support/only.ts';
import { thrownBy } from '../../support/thrown.ts';

const alice = await wholeTestAccount('alice');
const bob = await wholeTestAccount('bob');
const { device, account, authority } = alice.chain;
const LATER = TEST_NOW + 1000;

describe('a chain of certificates', () => {
  it('proves the device it begins with', async () => {
    expect(await verifyChain([device, account, authority], LATER)).toEqual(alice.chain);
  });

  it('holds for each device of an account', async () => {
    const { chain } = await secondTestDevice('alice');
    expect(chain.account.shortId).toBe(account.shortId);
    expect(chain.device.longId).not.toBe(device.longId);
    await verifyChain([chain.device, account, authority], LATER);
  });

  it('holds from before its first day, for a clock that is late', async () => {
    await verifyChain([device, account, authority], TEST_NOW - 60_000);
  });

  it('holds to its last millisecond', async () => {
    await verifyChain([device, account, authority], device.notAfter);
    expect(await flawOf([device, account, authority], device.notAfter + 1)).toMatch(
      /^the device .* expired on 2035-12/,
    );
  });

  it('is as long as it is', async () => {
    expect(await flawOf([device, account])).toMatch('it has 2 certificates');
    expect(await flawOf([])).toMatch('it has 0 certificates');
    expect(await flawOf([device, account, authority, authority])).toMatch('it has 4 certificates');
  });

  it('stands in its order', async () => {
    expect(await flawOf([account, device, authority])).toBe('the account certificate may not certify devices');
    expect(await flawOf([authority, account, device])).toBe('the authority certificate may not certify accounts');
    expect(await flawOf([device, authority, account])).toMatch('as its issuer');
  });

  it('breaks where a certificate of another account stands', async () => {
    const foreign = bob.chain;
    expect(await flawOf([foreign.device, account, authority])).toMatch(/^the device certificate names/);
    expect(await flawOf([device, foreign.account, authority])).toMatch(/^the device certificate names/);
    expect(await flawOf([device, account, foreign.authority])).toMatch(/^the account certificate names/);
  });

  it('rests on signatures where names are left out, as enterprise servers do', async () => {
    await verifyChain([silent(device), account, authority], LATER);
    await verifyChain([silent(device), silent(account), silent(authority)], LATER);
    expect(await flawOf([silent(bob.chain.device), account, authority])).toBe(
      'the device certificate is not signed by the account',
    );
    expect(await flawOf([silent(device), silent(account), bob.chain.authority])).toBe(
      'the account certificate is not signed by the authority',
    );
  });

  it('breaks at an authority that did not sign itself', async () => {
    const root = { commonName: 'Jami CA', key: alice.keys.authority };
    const unsure = await issueCertificate({
      ...{ role: 'authority', subject: root, issuer: { commonName: 'Jami CA', key: bob.keys.authority } },
      ...{ serial: Uint8Array.of(1), notBefore: TEST_NOW, notAfter: device.notAfter },
    });
    expect(await flawOf([device, account, unsure])).toMatch(/^the authority certificate names .* as its issuer/);
    expect(await flawOf([device, account, silent(unsure)])).toBe('the authority certificate is not signed by itself');
    expect(await accountBelongsTo(account, unsure)).toBe(false);
  });

  it('breaks at a name that is not that of the key', async () => {
    const lying = { ...device, subjectUid: bob.chain.device.shortId };
    expect(await flawOf([lying, account, authority])).toBe(
      `the device certificate names ${bob.chain.device.shortId} but holds the key of ${device.shortId}`,
    );
  });

  it('holds for a device certificate with extensions, as a renewal leaves it', async () => {
    const renewed = await issueCertificate({
      role: 'authority',
      subject: { commonName: 'Jami device', key: alice.keys.device },
      issuer: { commonName: 'Jami', key: alice.keys.account },
      ...{ serial: Uint8Array.of(2), notBefore: TEST_NOW, notAfter: device.notAfter },
    });
    await verifyChain([renewed, account, authority], LATER);
  });

  it('notices every flipped bit in what a certificate states', async () => {
    const { start, end } = statedBytes(device.der);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: start * 8, max: end * 8 - 1 }), async (bit) => {
        const der = Uint8Array.from(device.der);
        der[bit >> 3] = (der[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(await isAccepted(der)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a device', () => {
  it('belongs to the account that certified it, and to no other', async () => {
    expect(await deviceBelongsTo(device, account)).toBe(true);
    expect(await deviceBelongsTo(device, bob.chain.account)).toBe(false);
    expect(await deviceBelongsTo(silent(device), account)).toBe(true);
    expect(await deviceBelongsTo(silent(device), bob.chain.account)).toBe(false);
  });

  it('does not belong to an account whose name it only claims', async () => {
    const claimed = { ...bob.chain.device, issuerUid: account.shortId };
    expect(await deviceBelongsTo(claimed, account)).toBe(false);
  });
});

describe('an account', () => {
  it('belongs to the authority that certified it, and to no other', async () => {
    expect(await accountBelongsTo(account, authority)).toBe(true);
    expect(await accountBelongsTo(account, bob.chain.authority)).toBe(false);
    expect(await accountBelongsTo(silent(account), bob.chain.authority)).toBe(false);
    expect(await accountBelongsTo(device, account)).toBe(false);
  });
});

async function flawOf(certificates: readonly Certificate[], at = LATER): Promise<string> {
  return (await thrownBy('CHAIN_INVALID', () => verifyChain(certificates, at))).data.detail;
}

function silent(certificate: Certificate): Certificate {
  return { ...certificate, subjectUid: undefined, issuerUid: '' };
}

/** Where the signed part of a certificate lies: after the outer header of four bytes. */
function statedBytes(der: Uint8Array) {
  return { start: 4, end: 8 + Buffer.from(der).readUInt16BE(6) };
}

async function isAccepted(der: Uint8Array): Promise<boolean> {
  try {
    await verifyChain([only(parseCertificates(der)), account, authority], LATER);
    return true;
  } catch (error) {
    expect(isSyncError(error)).toBe(true);
    return false;
  }
}
