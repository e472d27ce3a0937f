import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accountBelongsTo, deviceBelongsTo, verifyChain } from '../../../src/identity/chain.ts';
import type { Certificate } from '../../../src/identity/identity.ts';
import { parseCertificates } from '../../../src/identity/x509-adapter.ts';
import { only } from '../../support/only.ts';

/** As they stand in the tree of the recorded conversation. */
const RECORDED = new URL('../../../fixtures/jami/one-to-one/certificates/', import.meta.url);
const NOW = Date.UTC(2027, 0, 1);

const devices = await certificatesOf('devices');
const accounts = [...(await certificatesOf('admins')), ...(await certificatesOf('members'))];

describe('certificates that another program issued', () => {
  it('stand in files that are named by their keys', () => {
    expect([devices.length, accounts.length]).toEqual([3, 2]);
    for (const { name, certificates } of devices) expect(only(certificates).longId).toBe(name);
    for (const { name, certificates } of accounts) expect(certificates[0]?.shortId).toBe(name);
  });

  it('are written again as they were read', async () => {
    for (const { text, certificates } of [...devices, ...accounts])
      expect(certificates.map(({ pem }) => pem).join('')).toBe(text);
  });

  it('bind each device to one of the accounts', async () => {
    for (const { certificates } of devices) {
      const device = only(certificates);
      const owners = accounts.filter(({ name }) => name === device.issuerUid);
      const [account, authority] = only(owners).certificates;
      expect(account && authority && (await accountBelongsTo(account, authority))).toBe(true);
      for (const other of accounts) expect(await belongs(device, other.certificates)).toBe(other === owners[0]);
      await verifyChain([device, ...only(owners).certificates], NOW);
    }
  });
});

async function belongs(device: Certificate, [account]: readonly Certificate[]): Promise<boolean> {
  return account !== undefined && deviceBelongsTo(device, account);
}

async function certificatesOf(folder: string) {
  const files = await readdir(new URL(`${folder}/`, RECORDED));
  return Promise.all(
    files.map(async (file) => {
      const bytes = await readFile(new URL(`${folder}/${file}`, RECORDED));
      return { name: basename(file, '.crt'), text: bytes.toString('utf8'), certificates: parseCertificates(bytes) };
    }),
  );
}
