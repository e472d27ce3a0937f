/** Certificates of own and of revoked devices, and revocation lists, in a home (docs/guides/home.md). */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { isSyncError } from '../errors.ts';
import { type AccountUri, DeviceId } from '../ids.ts';
import { REVOCATION_LIST_BYTES } from '../limits.ts';
import { namesIn } from '../names-in-adapter.ts';
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
  /** `crls/<account>/<SHA-256>.crl`, and the certificates of the devices and of the account. */
  keepRevocation(revocation: Revocation): Promise<void>;
}

/** Throws FILE_FAILED, DISK_FULL. */
export function createCertificateStore(home: string): CertificateStore {
  const [certificates, lists] = [join(home, 'certificates'), join(home, 'crls')];

  async function kept(): Promise<readonly KeptCertificates[]> {
    const names = (await namesIn(certificates)).filter((name) => DeviceId.safeParse(name).success);
    const found = await Promise.all(names.map((name) => readKept(join(certificates, name), name)));
    return found.filter((one) => one !== undefined);
  }

  /** Under the id of the first. */
  async function keep(chain: string): Promise<void> {
    const [first] = parseCertificates(Buffer.from(chain));
    if (!first) return;
    await makePrivateDirectory(certificates);
    await writeFileDurably(join(certificates, first.longId), chain);
  }

  return {
    devices: async () => (await kept()).flatMap(devicesIn),
    keepDevice: (pem, issuers) => keep(pem + issuers),
    async revocations() {
      const known = await kept();
      const found: (Revocation | undefined)[] = [];
      for (const account of new Set(known.map((one) => one.account))) {
        const own = known.filter((one) => one.account === account);
        // One that was about to be kept when the process was killed has another ending, and is taken away one day.
        for (const name of (await namesIn(join(lists, account))).filter((one) => one.endsWith('.crl'))) {
          const der = await readSmallFile(join(lists, account, name), REVOCATION_LIST_BYTES);
          found.push(der && (await readRevocation(der, own)));
        }
      }
      return found.filter((revocation) => revocation !== undefined);
    },
    async keepRevocation({ account, list, issuers, devices: revoked }) {
      // A list without the certificates proves less than the certificates without a list.
      await keep(issuers);
      for (const pem of revoked.values()) await keep(pem + issuers);
      await makePrivateDirectory(join(lists, account));
      const name = `${createHash('sha256').update(list.der).digest('hex')}.crl`;
      await writeFileDurably(join(lists, account, name), list.der);
    },
  };
}

/** What a file holds: an account's certificates, with one of its devices' before them or without. */
interface KeptCertificates extends Omit<KnownDevice, 'certificate'> {
  readonly device: Certificate | undefined;
}

function devicesIn({ device, ...above }: KeptCertificates): readonly KnownDevice[] {
  return device ? [{ ...above, certificate: device }] : [];
}

async function readKept(path: string, name: string): Promise<KeptCertificates | undefined> {
  const bytes = await readSmallFile(path);
  try {
    const chain = parseCertificates(bytes ?? new Uint8Array());
    const [authority, account, device] = chain.toReversed();
    if (chain.length > 3 || chain[0]?.longId !== name || !account || !authority) return undefined;
    const isProved =
      (await accountBelongsTo(account, authority)) && (!device || (await deviceBelongsTo(device, account)));
    return isProved ? { account: account.shortId, issuers: account.pem + authority.pem, device } : undefined;
  } catch (error) {
    if (isSyncError(error)) return undefined;
    throw error;
  }
}

async function readRevocation(list: Uint8Array, own: readonly KeptCertificates[]): Promise<Revocation | undefined> {
  const [first] = own;
  if (!first) return undefined;
  try {
    const bare = await verifyRevocation({ list, issuers: first.issuers, devices: [] });
    const revoked = own.flatMap(({ device }) => (device && bare.list.serials.has(device.serial) ? [device] : []));
    return { ...bare, devices: new Map(revoked.map(({ longId, pem }) => [longId, pem])) };
  } catch (error) {
    if (isSyncError(error)) return undefined;
    throw error;
  }
}
