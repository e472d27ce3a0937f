import { deflateSync } from 'node:zlib';
import { packObjects } from '../../../src/conversation/repository/packs/pack-writer.ts';
import type { Objects } from '../../../src/conversation/repository/repository.ts';
import { ObjectId } from '../../../src/ids.ts';
import type { Forge } from '../conversation/forge.ts';
import { reachableFrom } from '../git/git-objects.ts';
import { conformanceHistories } from './histories.ts';
import { oversizeHistories } from './oversize.ts';

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
  const refs = histories.map(({ name, head }) => `${head} refs/heads/${name}`);
  const bundle = await bundleOf(forge.reader().objects, forge.objects.keys(), refs);
  const index = histories.map(({ rule, commit, ...history }) => ({
    ...history,
    ...(rule ? { verdict: 'refused', rule, commit } : { verdict: 'valid' }),
  }));
  return { bundle, index: jsonOf(index) };
}

/** Histories that no reader takes in, so that they cannot stand in the bundle that all read. */
export interface OversizeKit {
  /** By the names of their files. */
  readonly bundles: ReadonlyMap<string, Uint8Array>;
  /** JSON: as of the others, with the file. */
  readonly index: string;
}

export async function makeOversizeKit(): Promise<OversizeKit> {
  const { forge, histories } = await oversizeHistories();
  const bundles = new Map<string, Uint8Array>();
  const objects = deflatedWell(forge);
  const index = [];
  for (const { name, head } of histories) {
    const file = `${name.replace('/', '-')}.bundle`;
    const refs = [`${head} HEAD`, `${head} refs/heads/main`];
    bundles.set(file, await bundleOf(objects, await reachableFrom(objects, head), refs));
    index.push({ name, bundle: file, head, verdict: 'refused', rule: 'R1', commit: head });
  }
  return { bundles, index: jsonOf(index) };
}

/** As small as can be: what counts is how much comes out of it. */
function deflatedWell(forge: Forge): Objects {
  return {
    ...forge.reader().objects,
    async stored(id) {
      const object = forge.objects.get(id);
      if (!object) return undefined;
      const { type, bytes } = object;
      return { form: { type }, size: bytes.byteLength, deflated: deflateSync(bytes, { level: 9 }) };
    },
  };
}

async function bundleOf(objects: Objects, ids: Iterable<string>, refs: readonly string[]): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [Buffer.from(`# v2 git bundle\n${refs.join('\n')}\n\n`)];
  const inPack = [...ids].map((id) => ObjectId.parse(id));
  for await (const chunk of packObjects(objects, inPack)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const jsonOf = (index: readonly object[]) => `${JSON.stringify(index, undefined, 2)}\n`;
