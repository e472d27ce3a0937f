/** Makes `fixtures/conformance` anew: one bundle with a branch for each history, and an index that says what is wrong with it. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packObjects } from '../src/conversation/repository/packs/pack-writer.ts';
import { ObjectId } from '../src/ids.ts';
import { createSeededRandom } from '../test/simulator/random.ts';
import { seededKey } from '../test/simulator/seeded-key.ts';
import { makeTestAccountsFrom } from '../test/support/accounts.ts';
import { conformanceHistories } from '../test/support/conformance-histories.ts';

/** Changes every key, and with them every id. */
const SEED = 'swarmlog conformance kit 1';
const FOLDER = join(import.meta.dirname, '../fixtures/conformance');

makeTestAccountsFrom((label) => {
  const random = createSeededRandom(createHash('sha256').update(`${SEED} ${label}`).digest().readUInt32BE(0));
  return { random, key: async (bits) => seededKey(random, bits) };
});
const { forge, histories } = await conformanceHistories();
const refs = histories.map(({ name, head }) => `${head} refs/heads/${name}\n`).join('');
const chunks: Uint8Array[] = [Buffer.from(`# v2 git bundle\n${refs}\n`)];
const ids = [...forge.objects.keys()].map((id) => ObjectId.parse(id));
for await (const chunk of packObjects(forge.reader().objects, ids)) chunks.push(chunk);
writeFileSync(join(FOLDER, 'histories.bundle'), Buffer.concat(chunks));
const index = histories.map(({ rule, commit, ...history }) => ({
  ...history,
  ...(rule ? { verdict: 'refused', rule, commit } : { verdict: 'valid' }),
}));
writeFileSync(join(FOLDER, 'index.json'), `${JSON.stringify(index, undefined, 2)}\n`);
