/**
 * Makes `fixtures/conformance/keys.json` anew: the private keys of everybody in the conformance kit, and of the accounts of other
 * tests. They follow from a seed, and everybody may know them. Takes half a minute; other keys make another kit.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSeededRandom } from '../test/simulator/random.ts';
import { seededKey } from '../test/simulator/seeded-key.ts';

const SEED = 'swarmlog conformance kit 1';
const FILE = join(import.meta.dirname, '../fixtures/conformance/keys.json');
const BITS = 2048;

/** Of an account: its authority, itself, its first device. */
const ACCOUNTS = ['alice', 'bob', 'carol', 'dave', 'mallory', 'old', 'stale'];
/** One each. */
const DEVICES = ['alice second', 'bob second', 'stale second'];

function keysOf(label: string, count: number): readonly [string, readonly string[]] {
  const random = createSeededRandom(createHash('sha256').update(`${SEED} ${label}`).digest().readUInt32BE(0));
  const pems = Array.from({ length: count }, () =>
    seededKey(random, BITS).export({ type: 'pkcs8', format: 'pem' }).toString(),
  );
  return [label, pems];
}

const kept = [...ACCOUNTS.map((label) => keysOf(label, 3)), ...DEVICES.map((label) => keysOf(label, 1))];
writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(kept), undefined, 2)}\n`);
