import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate as CertificateModel } from '@peculiar/asn1-x509';
import { describe, expect, it } from 'vitest';
import type { Certificate } from '../../../src/identity/identity.ts';
import { parseCertificates } from '../../../src/identity/x509-adapter.ts';
import { TEST_NOW, wholeTestAccount } from '../../support/identity/accounts.ts';
import { only } from '../../support/only.ts';

const { chain } = await wholeTestAccount('alice', { bits: 4096 });

describe('an issued certificate', () => {
  it.each([
    ['authority', 'ca.crt'],
    ['account', 'account.crt'],
    ['device', 'device.crt'],
  ] as const)('of the %s has the form of the recorded one', async (role, file) => {
    const recorded = await readFile(new URL(`../../../fixtures/vectors/${file}`, import.meta.url));
    expect(formOf(chain[role])).toEqual(formOf(only(parseCertificates(recorded))));
  });

  it('names its subject and its issuer by their keys', () => {
    const { device, account, authority } = chain;
    expect([authority.subjectUid, authority.issuerUid]).toEqual([authority.shortId, authority.shortId]);
    expect([account.subjectUid, account.issuerUid]).toEqual([account.shortId, authority.shortId]);
    expect([device.subjectUid, device.issuerUid]).toEqual([device.shortId, account.shortId]);
  });

  it('holds for ten years of 365 days', () => {
    const tenYears = 10 * 365 * 24 * 3600 * 1000;
    for (const { notBefore, notAfter } of Object.values(chain))
      expect([notBefore, notAfter]).toEqual([TEST_NOW, TEST_NOW + tenYears]);
  });

  it('has a random positive serial of at most eight bytes', () => {
    const serials = Object.values(chain).map(({ der }) => Buffer.from(modelOf(der).tbsCertificate.serialNumber));
    expect(new Set(serials.map((serial) => serial.toString('hex'))).size).toBe(3);
    for (const serial of serials) {
      expect(serial.length).toBeLessThanOrEqual(8);
      expect(serial[0]).toBeLessThan(0x80);
    }
  });

  it('satisfies another implementation of X.509', () => {
    const [device, account, authority] = [chain.device, chain.account, chain.authority].map(
      ({ pem }) => new X509Certificate(pem),
    );
    expect(device && account && device.checkIssued(account) && device.verify(account.publicKey)).toBe(true);
    expect(account && authority && account.checkIssued(authority) && account.verify(authority.publicKey)).toBe(true);
    expect(authority?.verify(authority.publicKey)).toBe(true);
    expect([device?.ca, account?.ca, authority?.ca]).toEqual([false, true, true]);
  });

  it('carries RSA-4096 keys with the exponent 65537', () => {
    for (const { publicKey } of Object.values(chain))
      expect(publicKey.asymmetricKeyDetails).toEqual({ modulusLength: 4096, publicExponent: 65537n });
  });
});

/** Everything about a certificate but keys, ids, dates, serial and signature. */
function formOf({ der }: Certificate) {
  const { tbsCertificate: tbs, signatureAlgorithm, signatureValue } = modelOf(der);
  const nameForm = (name: typeof tbs.subject) =>
    [...name].map((part) =>
      [...part].map(({ type, value }) => ({ type, tag: Object.keys(value).filter((key) => value[key as 'anyValue']) })),
    );
  return {
    version: tbs.version,
    algorithms: [tbs.signature.algorithm, signatureAlgorithm.algorithm],
    signatureBytes: signatureValue.byteLength,
    subject: nameForm(tbs.subject),
    issuer: nameForm(tbs.issuer),
    commonNames: [new X509Certificate(der).subject, new X509Certificate(der).issuer].map((name) => name.split('\n')[0]),
    extensions: tbs.extensions?.map(({ extnID, critical, extnValue }) => ({
      extnID,
      critical,
      bytes: extnValue.byteLength,
    })),
  };
}

function modelOf(der: Uint8Array): CertificateModel {
  return AsnConvert.parse(der, CertificateModel);
}
