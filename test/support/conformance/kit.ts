import { packObjects } from '../../../src/conversation/repository/packs/pack-writer.ts';
import { ObjectId } from '../../../src/ids.ts';
import { conformanceHistories } from './histories.ts';

/** The files of `fixtures/conformance` that follow from a seed. */
export interface ConformanceKit {
  /** A bundle with a branch for each history. */
  readonly bundle: Uint8Array;
  /** JSON: what is wrong with each. */
  readonly index: string;
}

/** Made anew: the same objects each time, as keys follow from a seed and signatures by PKCS#1 v1.5 draw nothing. */
export async function makeConformanceKit(): Promise<ConformanceKit> {
  const { forge, histories } = await conformanceHistories();
  const refs = histories.map(({ name, head }) => `${head} refs/heads/${name}\n`).join('');
  const chunks: Uint8Array[] = [Buffer.from(`# v2 git bundle\n${refs}\n`)];
  const ids = [...forge.objects.keys()].map((id) => ObjectId.parse(id));
  for await (const chunk of packObjects(forge.reader().objects, ids)) chunks.push(chunk);
  const index = histories.map(({ rule, commit, ...history }) => ({
    ...history,
    ...(rule ? { verdict: 'refused', rule, commit } : { verdict: 'valid' }),
  }));
  return { bundle: Buffer.concat(chunks), index: `${JSON.stringify(index, undefined, 2)}\n` };
}
