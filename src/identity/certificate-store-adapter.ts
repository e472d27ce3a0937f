/** Certificates of own and of revoked devices, and revocation lists, in a home. Format reference §1.6. */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileFailure, isSyncError } from '../errors.ts';
import { type AccountUri, DeviceId } from '../ids.ts';
import { accountBelongsTo, deviceBelongsTo } from './chain.ts';
import type { Certificate } from './identity.ts';
import { makePrivateDirectory, readSmallFile, writeFileDurably } from './private-file-adapter.ts';
import { type Revocation, verifyRevocation } from './revocation.ts';
import { parseCertificates } from './x509-adapter.ts';

/** A device's certificate with those above it, proved up to the authority. */
export interface KnownDevice {
  readonly account: AccountUri;
  readonly certificate: Certificate;
  /** The certificates of account and authority, PEM, in this order. */
  readonly issuers: string;
}

/** What is found damaged, or proves nothing, is passed over: it can be told again. */
export interface CertificateStore {
  devices(): Promise<readonly KnownDevice[]>;
  /** `certificates/<device>`: the device's certificate and those above it. */
  keepDevice(pem: string, issuers: string): Promise<void>;
  revocations(): Promise<readonly Revocation[]>;
  /** `crls/<account>/<SHA-256>.crl`, and the certificates of the devices. */
  keepRevocation(revocation: Revocation): Promise<void>;
}

/** Throws FILE_FAILED, DISK_FULL. */
export function createCertificateStore(home: string): CertificateStore {
  const [certificates, lists] = [join(home, 'certificates'), join(home, 'crls')];

  async function devices(): Promise<readonly KnownDevice[]> {
    const names = (await namesIn(certificates)).filter((name) => DeviceId.safeParse(name).success);
    const known = await Promise.all(names.map((name) => readDevice(join(certificates, name))));
    return known.flatMap((device, index) => (device && device.certificate.longId === names[index] ? [device] : []));
  }

  async function keepDevice(pem: string, issuers: string): Promise<void> {
    const [device] = parseCertificates(Buffer.from(pem));
    if (!device) return;
    await makePrivateDirectory(certificates);
    await writeFileDurably(join(certificates, device.longId), device.pem + issuers);
  }

  return {
    devices,
    keepDevice,
    async revocations() {
      const known = await devices();
      const found: (Revocation | undefined)[] = [];
      for (const account of await namesIn(lists)) {
        const own = known.filter((device) => device.account === account);
        for (const name of await namesIn(join(lists, account))) {
          const der = await readSmallFile(join(lists, account, name));
          found.push(der && (await readRevocation(der, own)));
        }
      }
      return found.filter((revocation) => revocation !== undefined);
    },
    async keepRevocation({ account, list, issuers, devices: revoked }) {
      // A list without the certificates proves less than the certificates without a list.
      for (const pem of revoked.values()) await keepDevice(pem, issuers);
      await makePrivateDirectory(join(lists, account));
      const name = `${createHash('sha256').update(list.der).digest('hex')}.crl`;
      await writeFileDurably(join(lists, account, name), list.der);
    },
  };
}

async function readDevice(path: string): Promise<KnownDevice | undefined> {
  const bytes = await readSmallFile(path);
  try {
    const [certificate, account, authority] = parseCertificates(bytes ?? new Uint8Array());
    if (!certificate || !account || !authority) return undefined;
    const isProved = (await deviceBelongsTo(certificate, account)) && (await accountBelongsTo(account, authority));
    return isProved ? { account: account.shortId, certificate, issuers: account.pem + authority.pem } : undefined;
  } catch (error) {
    if (isSyncError(error)) return undefined;
    throw error;
  }
}

async function readRevocation(list: Uint8Array, own: readonly KnownDevice[]): Promise<Revocation | undefined> {
  const [first] = own;
  if (!first) return undefined;
  try {
    const bare = await verifyRevocation({ list, issuers: first.issuers, devices: [] });
    const revoked = own.filter(({ certificate }) => bare.list.serials.has(certificate.serial));
    return { ...bare, devices: new Map(revoked.map(({ certificate }) => [certificate.longId, certificate.pem])) };
  } catch (error) {
    if (isSyncError(error)) return undefined;
    throw error;
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw fileFailure(directory, error);
  }
}
