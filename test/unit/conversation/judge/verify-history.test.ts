import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { verifyHistory } from '../../../../src/conversation/judge/verify-history.ts';
import { readHistory } from '../../../../src/conversation/log/history.ts';
import { createHistoryReader } from '../../../../src/conversation/log/history-reader.ts';
import { objectIdOf } from '../../../../src/conversation/repository/objects/object-id.ts';
import { openSource } from '../../../../src/conversation/repository/open-source-adapter.ts';
import type { GitObject, RepositoryReader } from '../../../../src/conversation/repository/repository.ts';
import { filesOf, type Tree } from '../../../../src/conversation/tree/tree.ts';
import { CommitId } from '../../../../src/ids.ts';
import { memoryReader } from '../../../support/conversation/forge.ts';
import { bundleOf, expected, HOLDERS } from '../../../support/events/recorded.ts';
import { thrownBy } from '../../../support/thrown.ts';

const { signal } = new AbortController();
const verify = (reader: RepositoryReader) => verifyHistory(reader, { signal });

/** All objects of a history, with the first commit, in canonical order, that refers to each. */
async function objectsOf(reader: RepositoryReader) {
  const objects = new Map<string, GitObject>();
  const firstUse = new Map<string, CommitId>();
  const history = createHistoryReader(reader);
  const take = async (id: CommitId | Tree['id'], commit: CommitId) => {
    if (!firstUse.has(id)) firstUse.set(id, commit);
    objects.set(id, await reader.objects.read(id));
  };
  const takeTree = async (tree: Tree, commit: CommitId) => {
    await take(tree.id, commit);
    for (const entry of tree.entries.values()) if (entry.kind === 'tree') await takeTree(entry, commit);
    for (const [, file] of filesOf(tree)) await take(file.id, commit);
  };
  for (const { id } of await readHistory(reader, { signal })) {
    await take(id, id);
    await takeTree(await history.trees.read((await history.commit(id)).tree), id);
  }
  return { objects, firstUse };
}

function flipped(bytes: Uint8Array, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  const at = (bit >> 3) % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

describe('the recorded conversation', () => {
  it.each(HOLDERS)('is valid as %s holds it', async (holder) => {
    const reader = await openSource(bundleOf(holder));
    expect(await verify(reader)).toEqual({
      conversation: expected.conversationId,
      head: expected.holders[holder].head,
      mode: 'one-to-one',
      commits: 76,
      merges: 24,
      valid: true,
      problems: [],
    });
    await reader[Symbol.asyncDispose]();
  });

  it.each(HOLDERS)(
    'names author, device and time of each commit as another implementation does (%s)',
    async (holder) => {
      const reader = await openSource(bundleOf(holder));
      const history = await readHistory(reader, { signal });
      const told = history.map(({ id, author, device, committedAt }) => ({ id, author, device, committedAt }));
      const recorded = expected.commits.map(({ id, memberUri, authorDevice, timestamp }) => {
        return { id, author: memberUri, device: authorDevice, committedAt: timestamp };
      });
      expect(new Set(told.map((one) => JSON.stringify(one)))).toEqual(
        new Set(recorded.map((one) => JSON.stringify(one))),
      );
      await reader[Symbol.asyncDispose]();
    },
  );

  it('names the interaction before each, merges counted or left out', async () => {
    const reader = await openSource(bundleOf('alice'));
    for (const merges of [true, false]) {
      const history = await readHistory(reader, { order: 'jami', merges, signal });
      expect(history).toHaveLength(merges ? 76 : 52);
      const before = history.map(({ linearizedParent }) => linearizedParent);
      expect(before).toEqual([undefined, ...history.slice(0, -1).map(({ id }) => id)]);
    }
    await reader[Symbol.asyncDispose]();
  });
});

describe('one flipped bit', () => {
  let recorded: Awaited<ReturnType<typeof objectsOf>>;
  let head: CommitId;

  beforeAll(async () => {
    const reader = await openSource(bundleOf('bob'));
    recorded = await objectsOf(reader);
    head = CommitId.parse(await reader.head());
    await reader[Symbol.asyncDispose]();
  });

  it('in any stored object is noticed, and the first commit that refers to the object is named', async () => {
    const ids = [...recorded.objects].filter(([, { bytes }]) => bytes.byteLength > 0).map(([id]) => id);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ids), fc.nat(), async (id, bit) => {
        const objects = new Map(recorded.objects);
        const { type, bytes } = objects.get(id) ?? { type: 'blob', bytes: new Uint8Array() };
        objects.set(id, { type, bytes: flipped(bytes, bit) });
        const { valid, problems } = await verify(memoryReader(objects, () => head));
        expect(valid).toBe(false);
        expect(problems).toEqual([expect.objectContaining({ commit: recorded.firstUse.get(id), rule: 'OBJECT' })]);
      }),
      { numRuns: 60 },
    );
  });

  it('in a lost object likewise', async () => {
    for (const id of recorded.objects.keys()) {
      const objects = new Map(recorded.objects);
      objects.delete(id);
      const { problems } = await verify(memoryReader(objects, () => head));
      expect(problems).toEqual([expect.objectContaining({ commit: recorded.firstUse.get(id), rule: 'OBJECT' })]);
    }
  });

  it('in a lost commit stops who only reads, and the commit is named', async () => {
    const [, id] = [...recorded.objects].filter(([, { type }]) => type === 'commit').map(([commit]) => commit);
    const objects = new Map([...recorded.objects].filter(([other]) => other !== id));
    const reading = () =>
      readHistory(
        memoryReader(objects, () => head),
        { signal },
      );
    expect((await thrownBy('OBJECT_MISSING', reading)).data.id).toBe(id);
  });

  it('in a commit that was stored under its new id is noticed, and that commit is named', async () => {
    const { bytes } = recorded.objects.get(head) ?? { bytes: new Uint8Array() };
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.byteLength * 8 - 1), async (bit) => {
        const forged = flipped(bytes, bit);
        const id = CommitId.parse(objectIdOf('commit', forged));
        const objects = new Map(recorded.objects).set(id, { type: 'commit', bytes: forged });
        const { valid, problems } = await verify(memoryReader(objects, () => id));
        expect(valid).toBe(false);
        // A flipped bit in a parent line can only be told by the parent that is not there.
        const named = bytes.byteLength > 0 && [id, /parent ([0-9a-f]{40})/.exec(forged.toString('latin1'))?.[1]];
        expect(named).toContain(problems[0]?.commit);
      }),
      { numRuns: 60 },
    );
  });
});
