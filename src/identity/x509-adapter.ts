/** The door to X.509 certificates: in (PEM or DER), and out (docs/format.md, "Certificates"). Revocation lists: `crl-adapter.ts`. */
// The library's container needs this to be loaded before it.
import 'reflect-metadata';

import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate as CertificateModel } from '@peculiar/asn1-x509';
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { messageOf, SyncError } from '../errors.ts';
import { CERTIFICATE_BYTES } from '../limits.ts';
import type { Milliseconds } from '../ports.ts';
import type { Certificate } from './identity.ts';
import { longIdOf, publicKeyInfoOf, shortIdOf } from './ids-of-key.ts';

const UID = '0.9.2342.19200300.100.1.1';
const PEM_BLOCK = /-----BEGIN CERTIFICATE-----\s([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/g;

/**
 * Reads a list of PEM blocks, in their order, or one DER certificate. At least one certificate comes back.
 * Throws MALFORMED or LIMIT_EXCEEDED.
 */
export function parseCertificates(encoded: Uint8Array): readonly Certificate[] {
  if (encoded.length > CERTIFICATE_BYTES)
    throw new SyncError('LIMIT_EXCEEDED', {
      what: 'The size of a certificate chain',
      limit: CERTIFICATE_BYTES,
      actual: encoded.length,
    });
  const text = Buffer.from(encoded).toString('latin1');
  const blocks = [...text.matchAll(PEM_BLOCK)].map(([, base64 = '']) => Buffer.from(base64, 'base64'));
  return (blocks.length > 0 ? blocks : [encoded]).map(certificateFromDer);
}

/** Who is named in a certificate. The UID is computed from the key. */
export interface Named {
  readonly commonName: string;
  readonly key: KeyObject;
}

export interface Issue {
  readonly subject: Named;
  /** The key is the private one that signs. */
  readonly issuer: Named;
  /** An authority may certify others; a device gets no extension at all, as if it came from a bare request. */
  readonly role: 'authority' | 'device';
  /** Positive, big-endian. */
  readonly serial: Uint8Array;
  readonly notBefore: Milliseconds;
  readonly notAfter: Milliseconds;
}

/** Issues a certificate, byte for byte of the format's form: v3, names of CN and UID, SHA-384 with RSA. */
export async function issueCertificate(issue: Issue): Promise<Certificate> {
  const draft = await X509CertificateGenerator.create({
    serialNumber: Buffer.from(issue.serial).toString('hex'),
    subject: nameOf(issue.subject),
    issuer: nameOf(issue.issuer),
    notBefore: new Date(issue.notBefore),
    notAfter: new Date(issue.notAfter),
    publicKey: publicKeyInfoOf(issue.subject.key),
    extensions: issue.role === 'authority' ? authorityExtensions(issue.subject.key) : [],
    signingAlgorithm: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-384' },
    signature: new Uint8Array(),
  });
  return certificateFromDer(await signDraft(draft, issue.issuer.key));
}

async function signDraft(draft: X509Certificate, key: KeyObject): Promise<Uint8Array> {
  const { tbsCertificate, signatureAlgorithm } = AsnConvert.parse(draft.rawData, CertificateModel);
  // The generator writes an empty list where there are no extensions; RFC 5280 §4.1 wants none.
  if (tbsCertificate.extensions?.length === 0) delete tbsCertificate.extensions;
  const signature = await promisify(sign)('sha384', Buffer.from(AsnConvert.serialize(tbsCertificate)), key);
  const signatureValue = new Uint8Array(signature).buffer;
  return new Uint8Array(
    AsnConvert.serialize(new CertificateModel({ tbsCertificate, signatureAlgorithm, signatureValue })),
  );
}

function authorityExtensions(key: KeyObject) {
  return [
    new SubjectKeyIdentifierExtension(shortIdOf(key)),
    new BasicConstraintsExtension(true, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
  ];
}

function nameOf({ commonName, key }: Named): Name {
  return new Name([{ CN: [commonName] }, { [UID]: [shortIdOf(key)] }]);
}

function certificateFromDer(der: Uint8Array): Certificate {
  try {
    if (!isOneDerSequence(der)) throw new SyncError('MALFORMED', { what: 'certificate', detail: 'it is no DER' });
    return toCertificate(new X509Certificate(der), der);
  } catch (error) {
    throw new SyncError('MALFORMED', { what: 'certificate', detail: messageOf(error) }, { cause: error });
  }
}

/** Nothing may follow the certificate. Its length takes two bytes: an RSA key alone is longer than 255, the limit is 64 KiB. */
function isOneDerSequence(der: Uint8Array): boolean {
  const header = Buffer.from(der.subarray(0, 4));
  return header.length === 4 && header.readUInt16BE(0) === 0x3082 && header.readUInt16BE(2) + 4 === der.length;
}

function toCertificate(parsed: X509Certificate, der: Uint8Array): Certificate {
  const publicKey = createPublicKey({ key: Buffer.from(parsed.publicKey.rawData), type: 'spki', format: 'der' });
  return {
    der,
    pem: pemOf(der),
    publicKey,
    shortId: shortIdOf(publicKey),
    longId: longIdOf(publicKey),
    subjectUid: parsed.subjectName.getField(UID)[0],
    issuerUid: parsed.issuerName.getField(UID)[0],
    serial: serialOf(Buffer.from(parsed.serialNumber, 'hex')),
    isAuthority: parsed.getExtension(BasicConstraintsExtension)?.ca ?? false,
    notBefore: parsed.notBefore.getTime(),
    notAfter: parsed.notAfter.getTime(),
    isSignedBy: (issuer) => isSignedBy(parsed, issuer),
  };
}

/** Encoders differ in the zeros they put in front. */
export function serialOf(number: Uint8Array): string {
  return Buffer.from(number)
    .toString('hex')
    .replace(/^0+(?=.)/, '');
}

async function isSignedBy(parsed: X509Certificate, issuer: KeyObject): Promise<boolean> {
  try {
    return await parsed.verify({ publicKey: publicKeyInfoOf(issuer), signatureOnly: true });
  } catch {
    // The library throws for algorithms that it does not know; such a signature proves nothing.
    return false;
  }
}

function pemOf(der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .match(/.{1,64}/g);
  return ['-----BEGIN CERTIFICATE-----', ...(lines ?? []), '-----END CERTIFICATE-----', ''].join('\n');
}
