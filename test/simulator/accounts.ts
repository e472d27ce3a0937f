/** The devices of the simulator, with keys that sign and verify at once: real RSA, but on the calling thread. */
import { sign as signAtOnce } from 'node:crypto';
import {
  type CertificateCache,
  createCertificateCache,
  createCertificateReader,
} from '../../src/conversation/judge/certificate-reader.ts';
import { selfOf } from '../../src/conversation/write/self.ts';
import { type AccountKeys, certifyDevice, createAccount } from '../../src/identity/create-account.ts';
import { deviceKeysOf } from '../../src/identity/device-keys.ts';
import type { CertificateChain, DeviceKeys } from '../../src/identity/identity.ts';
import { type Verify, verifySync } from '../../src/identity/signature.ts';
import { memoryObjects } from '../support/git/git-objects.ts';
import { TEST_NOW } from '../support/identity/accounts.ts';
import { createSeededRandom } from './random.ts';
import { seededKey } from './seeded-key.ts';

/** The founder's second device comes early, so that even few devices can change the profile at the same time. */
const NAMES = ['alice', 'bob', 'alice', 'carol', 'bob', 'dave'];
const SEED = 1;

/** As `verify`, but nothing waits for a thread, so that what happens next never depends on which one was faster. */
export const verifyAtOnce: Verify = async (key, bytes, signature) => verifySync(key, bytes, signature);

/**
 * In the order in which a simulation with fewer devices takes them. The first one founds the conversation. Always the
 * same: ids follow from keys, the outcome of a simulation follows from ids, and a seed must mean the same tomorrow.
 */
export async function simulatedDevices(): Promise<readonly DeviceKeys[]> {
  const random = createSeededRandom(SEED);
  const made = new Map<string, { readonly keys: AccountKeys; readonly chain: CertificateChain }>();
  const devices: DeviceKeys[] = [];
  for (const name of NAMES) {
    const key = seededKey(random);
    const known = made.get(name);
    const issue = { now: TEST_NOW, random };
    const keys = known
      ? { ...known.keys, device: key }
      : { authority: seededKey(random), account: seededKey(random), device: key };
    const chain = known
      ? await certifyDevice({ keys, ...issue }, known.chain)
      : await createAccount({ keys, ...issue });
    if (!known) made.set(name, { keys, chain });
    devices.push({
      ...deviceKeysOf({ name, chain, key }),
      sign: async (bytes) => signAtOnce('sha512', bytes, key),
    });
  }
  return devices;
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
