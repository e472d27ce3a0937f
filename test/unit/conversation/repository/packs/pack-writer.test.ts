import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { indexPack } from '../../../../../src/conversation/repository/packs/index-pack.ts';
import { packObjects } from '../../../../../src/conversation/repository/packs/pack-writer.ts';
import type { Objects, StoredObject } from '../../../../../src/conversation/repository/repository.ts';
import type { ObjectId } from '../../../../../src/ids.ts';
import { memoryObjects } from '../../../../support/git/git-objects.ts';
import { deltaOf, inPieces } from '../../../../support/git/packs.ts';

/** How each of a few objects is stored: alone, deflated, or as a delta on another of them, which may be a delta on it. */
const forms = fc.array(fc.oneof(fc.constant('loose'), fc.constant('whole'), fc.nat(7)), { minLength: 1, maxLength: 8 });

async function objectsStoredAs(list: readonly (string | number)[]): Promise<{ objects: Objects; ids: ObjectId[] }> {
  const memory = memoryObjects();
  const contents = list.map((_, place) => Buffer.from(`the content of object number ${place}`));
  const ids = await Promise.all(contents.map((content) => memory.write('blob', content)));
  const stored = new Map<string, StoredObject>();
  for (const [place, form] of list.entries()) {
    const [content, id] = [contents[place], ids[place]];
    if (!content || !id || form === 'loose') continue;
    const at = typeof form === 'number' ? form % list.length : place;
    const [base, baseId] = [contents[at], ids[at]];
    const isDelta = base !== undefined && baseId !== undefined && at !== place;
    const bytes = isDelta ? deltaOf(base.byteLength, 10, content.subarray(10)) : content;
    stored.set(id, {
      form: isDelta ? { base: baseId } : { type: 'blob' },
      size: bytes.byteLength,
      deflated: deflateSync(bytes),
    });
  }
  const objects: Objects = {
    ...memory,
    stored: async (id) => stored.get(id),
  };
  return { objects, ids };
}

async function idsIn(pack: Uint8Array): Promise<string[]> {
  const at = async (offset: number, length: number) => pack.subarray(offset, offset + length);
  const { entries } = await indexPack(inPieces(pack, 500), {
    limits: { packBytes: 1e6, inflatedBytes: 1e6, workBytes: 1e6, objects: 100 },
    access: async () => ({ size: pack.byteLength, at }),
    breathe: async () => undefined,
    signal: new AbortController().signal,
  });
  return entries.map(({ id }) => id).toSorted();
}

it('holds what is to go and nothing else, each once, however it is stored and whatever stands on what', async () => {
  await fc.assert(
    fc.asyncProperty(forms, fc.array(fc.nat(7)), fc.boolean(), async (list, picks, offsetDeltas) => {
      const { objects, ids } = await objectsStoredAs(list);
      const going = new Set(picks.flatMap((pick) => ids[pick] ?? []));
      const chunks: Uint8Array[] = [];
      for await (const chunk of packObjects(objects, [...going, ...going], { offsetDeltas })) chunks.push(chunk);
      expect(await idsIn(Buffer.concat(chunks))).toEqual([...going].toSorted());
    }),
  );
});

it('passes on what is stored, deltas included, and reads nothing of it', async () => {
  const { objects, ids } = await objectsStoredAs(['whole', 0, 1]);
  const unread: Objects = {
    ...objects,
    read: async (id) => {
      throw new Error(`${id} was read`);
    },
  };
  const chunks: Uint8Array[] = [];
  for await (const chunk of packObjects(unread, ids.toReversed(), { offsetDeltas: true })) chunks.push(chunk);
  expect(await idsIn(Buffer.concat(chunks))).toEqual(ids.toSorted());
});
