/**
 * `npx tsx test/simulator/make-accounts.ts`: makes the simulator's accounts anew. They lie in a file, because ids follow
 * from keys, the outcome of a simulation follows from ids, and a seed must mean the same tomorrow. Short keys: a
 * simulation signs a lot and protects nothing.
 */
import { writeFileSync } from 'node:fs';
import { type AccountKeys, certifyDevice, createAccount, generateKey } from '../../src/identity/create-account.ts';
import { chainPemOf } from '../../src/identity/device-keys.ts';
import type { CertificateChain } from '../../src/identity/identity.ts';
import { TEST_NOW, testRandom } from '../support/accounts.ts';

const BITS = 1024;
/** The founder's second device comes early, so that even few devices can change the profile at the same time. */
const NAMES = ['alice', 'bob', 'alice', 'carol', 'bob', 'dave'];

const made = new Map<string, { readonly keys: AccountKeys; readonly chain: CertificateChain }>();
const devices: { name: string; key: string; chain: string }[] = [];
for (const name of NAMES) {
  const [authority, account, device] = await Promise.all([generateKey(BITS), generateKey(BITS), generateKey(BITS)]);
  const issue = { now: TEST_NOW, random: testRandom };
  const known = made.get(name);
  const keys = known ? { ...known.keys, device } : { authority, account, device };
  const chain = known ? await certifyDevice({ keys, ...issue }, known.chain) : await createAccount({ keys, ...issue });
  if (!known) made.set(name, { keys, chain });
  devices.push({ name, key: `${device.export({ type: 'pkcs8', format: 'pem' })}`, chain: chainPemOf(chain) });
}
writeFileSync(new URL('accounts.json', import.meta.url), `${JSON.stringify(devices, undefined, 2)}\n`);
