/** Who a device is, as its keys prove, and what it can do with them. */
import type { KeyObject } from 'node:crypto';
import type { AccountUri, DeviceId } from '../ids.ts';

/** What this project needs of an X.509 certificate. Ids are computed from the public key, never read from a name. */
export interface Certificate {
  readonly der: Uint8Array;
  /** One PEM block, with a newline at its end. */
  readonly pem: string;
  readonly publicKey: KeyObject;
  /** SHA-1 of the SubjectPublicKeyInfo: an account's uri, a device's short id. */
  readonly shortId: AccountUri;
  /** SHA-256 of the SubjectPublicKeyInfo: a device's id. */
  readonly longId: DeviceId;
  /** The UID of the subject's and the issuer's name: claims, compared with the ids. */
  readonly subjectUid: string | undefined;
  readonly issuerUid: string | undefined;
  /** Hex, without leading zeros: how a revocation list names it. */
  readonly serial: string;
  readonly isAuthority: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Whether the certificate's signature verifies with the key. */
  isSignedBy(issuer: KeyObject): Promise<boolean>;
}

/** Leaf first: device, account, CA. */
export interface CertificateChain {
  readonly device: Certificate;
  readonly account: Certificate;
  readonly authority: Certificate;
}

/** The device this engine runs as: what it signs commits, handshakes and bindings with. */
export interface DeviceKeys {
  readonly device: DeviceId;
  readonly account: AccountUri;
  /** The account's display name. */
  readonly name: string;
  readonly chain: CertificateChain;
  /** RSASSA-PKCS1-v1_5 with SHA-512; leaves the event loop free. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
  /** For TLS and the DTLS-free signal binding: PKCS#8 PEM of the device key. */
  readonly privateKeyPem: string;
  /** Device, account and CA as PEM, in this order. */
  readonly chainPem: string;
}
