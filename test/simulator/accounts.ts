/** The devices of the simulator, with keys that sign and verify at once: real RSA, but on the calling thread. */
import { createPrivateKey, sign as signAtOnce } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import {
  type CertificateCache,
  createCertificateCache,
  createCertificateReader,
} from '../../src/conversation/certificate-reader.ts';
import { selfOf } from '../../src/conversation/self.ts';
import { deviceKeysOf } from '../../src/identity/device-keys.ts';
import type { DeviceKeys } from '../../src/identity/identity.ts';
import { type Verify, verifySync } from '../../src/identity/signature.ts';
import { parseCertificates } from '../../src/identity/x509-adapter.ts';
import { memoryObjects } from '../support/git-objects.ts';

const Devices = z.array(z.object({ name: z.string(), key: z.string(), chain: z.string() }));

/** As `verify`, but nothing waits for a thread, so that what happens next never depends on which one was faster. */
export const verifyAtOnce: Verify = async (key, bytes, signature) => verifySync(key, bytes, signature);

/** In the order in which a simulation with fewer devices takes them. The first one founds the conversation. */
export function simulatedDevices(): readonly DeviceKeys[] {
  const text = readFileSync(new URL('accounts.json', import.meta.url), 'utf8');
  return Devices.parse(JSON.parse(text)).map(({ name, key: pem, chain }) => {
    const [device, account, authority] = parseCertificates(Buffer.from(chain));
    if (!device || !account || !authority) throw new TypeError('a device has three certificates');
    const key = createPrivateKey(pem);
    const keys = deviceKeysOf({ name, chain: { device, account, authority }, key });
    return { ...keys, sign: async (bytes) => signAtOnce('sha512', bytes, key) };
  });
}

/** What is true of the devices' certificates, found out once: checking them takes threads and time. */
export async function certificatesOf(devices: readonly DeviceKeys[]): Promise<CertificateCache> {
  const [objects, cache] = [memoryObjects(), createCertificateCache()];
  const reader = createCertificateReader(objects, cache);
  for (const keys of devices) {
    const { accountCertificate, deviceCertificate } = selfOf(keys);
    const account = await objects.write('blob', Buffer.from(accountCertificate));
    await reader.certifies(account, await objects.write('blob', Buffer.from(deviceCertificate)));
  }
  return cache;
}
