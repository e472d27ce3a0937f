/** The door to X.509 revocation lists, version 2 (RFC 5280 §5). Source: docs/format.md, "Certificates". */
import type { KeyObject } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  CertificateList,
  Certificate as CertificateModel,
  Extension,
  id_ce_cRLNumber,
  RevokedCertificate,
  TBSCertList,
  Time,
  Version,
} from '@peculiar/asn1-x509';
import { messageOf, SyncError } from '../errors.ts';
import { DeviceId } from '../ids.ts';
import { REVOCATION_LIST_BYTES } from '../limits.ts';
import type { Milliseconds } from '../ports.ts';
import type { Certificate } from './identity.ts';
import { sign, verify } from './signature.ts';
import { serialOf } from './x509-adapter.ts';

const SHA512_WITH_RSA = '1.2.840.113549.1.1.13';
const LIST_MS = 10 * 365 * 24 * 60 * 60 * 1000;
const INTEGER_TAG = 0x02;
const NUMBER_BYTES = 8;
/** An extension of ours, below the arc that needs no registration. Not critical: who does not know it goes by the serial numbers. */
const DEVICES_BY_ID = '2.25.1896432747';
const DEVICE_ID_BYTES = 32;

export interface RevocationList {
  readonly der: Uint8Array;
  /** The serial numbers of revoked certificates, as `Certificate.serial`. */
  readonly serials: ReadonlySet<string>;
  /** Devices that are revoked by their ids, as nobody who revoked had seen their certificates. */
  readonly devices: ReadonlySet<DeviceId>;
  /** Counts an account's lists up. */
  readonly number: bigint;
  /** Whether the key signed it, with SHA-512. */
  isSignedBy(issuer: KeyObject): Promise<boolean>;
}

export interface IssueList {
  /** Of the account, with its private key. */
  readonly issuer: Certificate;
  readonly key: KeyObject;
  /** Of all certificates that are revoked, not only of new ones. */
  readonly serials: readonly string[];
  /** Of all devices whose certificates are not known; none unless given. */
  readonly devices?: readonly DeviceId[];
  /** The numbers of the account's lists so far. */
  readonly after: readonly bigint[];
  readonly now: Milliseconds;
}

/** Its number grows with the time, and takes eight bytes from 2005 on. */
export async function issueRevocationList(issuing: IssueList): Promise<RevocationList> {
  const { issuer, key, serials, devices = [], after, now } = issuing;
  const algorithm = new AlgorithmIdentifier({ algorithm: SHA512_WITH_RSA, parameters: null });
  const tbsCertList = new TBSCertList({
    version: Version.v2,
    signature: algorithm,
    issuer: AsnConvert.parse(issuer.der, CertificateModel).tbsCertificate.subject,
    thisUpdate: new Time(new Date(now)),
    // RFC 5280 wants one. Nobody waits for it: what is revoked stays so, and a newer list may come any time.
    nextUpdate: new Time(new Date(now + LIST_MS)),
    revokedCertificates: serials.map(
      (serial) =>
        new RevokedCertificate({
          userCertificate: bufferOf(Buffer.from(integerHex(serial), 'hex')),
          revocationDate: new Time(new Date(now)),
        }),
    ),
    crlExtensions: [numberExtension(numberAfter(after, now)), ...devicesExtension(devices)],
  });
  const signature = await sign(key, new Uint8Array(AsnConvert.serialize(tbsCertList)));
  const list = new CertificateList({ tbsCertList, signatureAlgorithm: algorithm, signature: bufferOf(signature) });
  return parseRevocationList(new Uint8Array(AsnConvert.serialize(list)));
}

/** Throws MALFORMED, LIMIT_EXCEEDED. */
export function parseRevocationList(der: Uint8Array): RevocationList {
  if (der.length > REVOCATION_LIST_BYTES)
    throw new SyncError('LIMIT_EXCEEDED', {
      what: 'The size of a revocation list',
      limit: REVOCATION_LIST_BYTES,
      actual: der.length,
    });
  try {
    return toRevocationList(AsnConvert.parse(der, CertificateList), der);
  } catch (error) {
    throw new SyncError('MALFORMED', { what: 'revocation list', detail: messageOf(error) }, { cause: error });
  }
}

function toRevocationList(list: CertificateList, der: Uint8Array): RevocationList {
  const { tbsCertList, signatureAlgorithm, signature } = list;
  const entries = tbsCertList.revokedCertificates ?? [];
  return {
    der,
    serials: new Set(entries.map(({ userCertificate }) => serialOf(new Uint8Array(userCertificate)))),
    devices: devicesOf(tbsCertList),
    number: numberOf(tbsCertList),
    async isSignedBy(issuer) {
      if (signatureAlgorithm.algorithm !== SHA512_WITH_RSA || tbsCertList.signature.algorithm !== SHA512_WITH_RSA)
        return false;
      return verify(issuer, signedBytesOf(der), new Uint8Array(signature));
    },
  };
}

/** The bytes as they came: encoding them afresh could make another text of what was signed. */
function signedBytesOf(der: Uint8Array): Uint8Array {
  const bytes = Buffer.from(der);
  const start = contentStart(bytes, 0);
  return bytes.subarray(start, contentStart(bytes, start) + contentLength(bytes, start));
}

/** Of the DER value at an offset. What is parsed already has a sound length. */
function contentStart(der: Buffer, at: number): number {
  const first = der.readUInt8(at + 1);
  return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
}

function contentLength(der: Buffer, at: number): number {
  const first = der.readUInt8(at + 1);
  return first < 0x80 ? first : der.readUIntBE(at + 2, first & 0x7f);
}

function numberAfter(numbers: readonly bigint[], now: Milliseconds): bigint {
  let next = BigInt(now) << 16n;
  for (const number of numbers) if (number >= next) next = number + 1n;
  return next;
}

function numberExtension(number: bigint): Extension {
  const integer = Buffer.alloc(2 + NUMBER_BYTES);
  integer.set([INTEGER_TAG, NUMBER_BYTES]);
  integer.writeBigUInt64BE(number, 2);
  return new Extension({ extnID: id_ce_cRLNumber, critical: false, extnValue: new OctetString(bufferOf(integer)) });
}

/** Zero for a list without a number. */
function numberOf({ crlExtensions = [] }: TBSCertList): bigint {
  const extension = crlExtensions.find(({ extnID }) => extnID === id_ce_cRLNumber);
  const integer = Buffer.from(extension?.extnValue.buffer ?? new ArrayBuffer(0));
  if (integer.length <= 2 || integer[0] !== INTEGER_TAG) return 0n;
  return BigInt(`0x${integer.subarray(2).toString('hex')}`);
}

/** One OCTET STRING: the ids, 32 bytes each, one after the other. */
function devicesExtension(devices: readonly DeviceId[]): readonly Extension[] {
  if (devices.length === 0) return [];
  const ids = AsnConvert.serialize(new OctetString(bufferOf(Buffer.from(devices.join(''), 'hex'))));
  return [new Extension({ extnID: DEVICES_BY_ID, critical: false, extnValue: new OctetString(ids) })];
}

function devicesOf({ crlExtensions = [] }: TBSCertList): ReadonlySet<DeviceId> {
  const extension = crlExtensions.find(({ extnID }) => extnID === DEVICES_BY_ID);
  if (!extension) return new Set();
  const ids = Buffer.from(AsnConvert.parse(extension.extnValue.buffer, OctetString).buffer).toString('hex');
  const digits = 2 * DEVICE_ID_BYTES;
  const count = Math.ceil(ids.length / digits);
  return new Set(Array.from({ length: count }, (_, at) => DeviceId.parse(ids.slice(at * digits, (at + 1) * digits))));
}

/** Whole bytes, the first bit zero: a positive INTEGER. */
function integerHex(serial: string): string {
  const even = serial.length % 2 === 0 ? serial : `0${serial}`;
  return Number.parseInt(even.slice(0, 2), 16) < 0x80 ? even : `00${even}`;
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
