import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commitLinks } from '../../../../src/conversation/repository/objects/commit-links.ts';
import { parseTree } from '../../../../src/conversation/repository/objects/tree.ts';
import { objectsToSend } from '../../../../src/conversation/repository/objects-to-send.ts';
import type { Objects } from '../../../../src/conversation/repository/repository.ts';
import { cutAtDepth } from '../../../../src/conversation/repository/shallow-cut.ts';
import type { CommitId } from '../../../../src/ids.ts';
import {
  type MemoryObjects,
  memoryObjects,
  reachableFrom,
  writeCommit,
  writeHistory,
} from '../../../support/git/git-objects.ts';

interface Shape {
  /** How far back each of the two parents is; beyond the beginning there is none. */
  readonly parents: readonly [number, number];
  readonly at: number;
  readonly file: number;
}

const shapes = (times: fc.Arbitrary<number>) =>
  fc.array(
    fc.record({
      parents: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 8 })),
      at: times,
      file: fc.nat(3),
    }),
    {
      minLength: 1,
      maxLength: 25,
    },
  );

/** A history with forks and merges; the second parent is left out in every other commit. */
async function grow(list: readonly Shape[]): Promise<{ objects: MemoryObjects; commits: CommitId[] }> {
  const objects = memoryObjects();
  const commits: CommitId[] = [];
  for (const [place, { parents, at, file }] of list.entries()) {
    const back = place % 2 === 0 ? parents : parents.slice(0, 1);
    const ids = back.flatMap((distance) => commits[place - distance] ?? []);
    const files = { [`file ${file}`]: `${place}`, shared: { same: 'always' } };
    commits.push(await writeCommit(objects, { parents: [...new Set(ids)], at, files, message: `${place}` }));
  }
  return { objects, commits };
}

const pickOf = (commits: readonly CommitId[], pick: number) => commits[pick % commits.length] as CommitId;

const linksIn = (objects: MemoryObjects, id: CommitId) => commitLinks(objects.all.get(id)?.bytes ?? new Uint8Array());

async function ownedBy(objects: MemoryObjects, haves: readonly CommitId[]): Promise<Set<string>> {
  const sets = await Promise.all(haves.map((have) => reachableFrom(objects, have)));
  return new Set(sets.flatMap((set) => [...set]));
}

describe('what is sent', () => {
  it('completes what the other side has, whatever the clocks say', async () => {
    const times = fc.integer({ min: 1, max: 2_000_000_000 });
    await fc.assert(
      fc.asyncProperty(shapes(times), fc.nat(), fc.array(fc.nat(), { maxLength: 3 }), async (list, want, picks) => {
        const { objects, commits } = await grow(list);
        const haves = picks.map((pick) => pickOf(commits, pick));
        const sent = await objectsToSend(objects, { wants: [pickOf(commits, want)], haves });
        const then = new Set<string>([...sent, ...(await ownedBy(objects, haves))]);
        for (const id of await reachableFrom(objects, pickOf(commits, want))) expect(then).toContain(id);
        expect(new Set(sent).size).toBe(sent.length);
      }),
    );
  });

  it('holds no commit that the other side has, whatever the clocks say', async () => {
    const times = fc.integer({ min: 1, max: 2_000_000_000 });
    await fc.assert(
      fc.asyncProperty(shapes(times), fc.nat(), fc.nat(), async (list, want, pick) => {
        const { objects, commits } = await grow(list);
        const have = pickOf(commits, pick);
        const owned = await ownedBy(objects, [have]);
        const sent = await objectsToSend(objects, { wants: [pickOf(commits, want)], haves: [have] });
        expect(commits.filter((id) => owned.has(id) && sent.includes(id))).toEqual([]);
      }),
    );
  });

  it('is nothing when the want is had', async () => {
    const objects = memoryObjects();
    const history = await writeHistory(objects, 5);
    const head = history.at(-1) as CommitId;
    expect(await objectsToSend(objects, { wants: [head], haves: [head] })).toEqual([]);
  });

  it('leaves out files and directories of the commit it stands on', async () => {
    const objects = memoryObjects();
    const files = { kept: 'kept', directory: { inner: 'inner' } };
    const have = await writeCommit(objects, { files });
    const want = await writeCommit(objects, { parents: [have], files: { ...files, added: 'added' } });
    const sent = await objectsToSend(objects, { wants: [want], haves: [have] });
    const types = sent.map((id) => objects.all.get(id)?.type);
    expect(types).toEqual(['commit', 'tree', 'blob']);
  });

  it('does not read the whole history for one new commit', async () => {
    const objects = memoryObjects();
    const history = await writeHistory(objects, 1000);
    const have = history.at(-1) as CommitId;
    const want = await writeCommit(objects, { parents: [have], at: 1_800_000_000 });
    let reads = 0;
    const counting: Objects = {
      has: objects.has,
      read: (id) => {
        reads += 1;
        return objects.read(id);
      },
    };
    await objectsToSend(counting, { wants: [want], haves: [have] });
    expect(reads).toBeLessThan(100);
  });

  it('is the same whichever commits are known, and none of those is read to be walked', async () => {
    const picks = fc.record({ want: fc.nat(), have: fc.nat(), isKnown: fc.func(fc.boolean()) });
    await fc.assert(
      fc.asyncProperty(shapes(fc.nat(100)), picks, async (list, { want, have, isKnown }) => {
        const { objects, commits } = await grow(list);
        const [wants, haves] = [[pickOf(commits, want)], [pickOf(commits, have)]];
        const known = new Map(commits.filter(isKnown).map((id) => [id, linksIn(objects, id)]));
        const read = new Set<string>();
        const noting: Objects = { has: objects.has, read: (id) => objects.read(read.add(id) && id) };
        const sent = await objectsToSend(noting, { wants, haves, knownLinks: (id) => known.get(id) });
        expect(sent).toEqual(await objectsToSend(objects, { wants, haves }));
        // A want is looked at: it may be a tag.
        expect([...known.keys()].filter((id) => read.has(id) && !wants.includes(id))).toEqual([]);
      }),
    );
  });

  it('finds the common history behind a device whose clock is decades late', async () => {
    const objects = memoryObjects();
    const shared = await writeHistory(objects, 300);
    let have = shared.at(-1) as CommitId;
    for (let i = 0; i < 10; i++)
      have = await writeCommit(objects, { parents: [have], at: i + 1, message: `late ${i}` });
    const want = await writeCommit(objects, { parents: [have], at: 1_800_000_000 });
    expect(await objectsToSend(objects, { wants: [want], haves: [have] })).toHaveLength(1);
  });
});

describe('a shallow clone', () => {
  /** What a clone holds that ends at these commits. */
  async function reachableDownTo(objects: Objects, head: CommitId, ends: ReadonlySet<string>): Promise<Set<string>> {
    const seen = new Set<string>();
    const waiting: string[] = [head];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      const { type, bytes } = await objects.read(id as CommitId);
      if (type === 'tree') waiting.push(...parseTree(bytes).map((entry) => entry.id));
      if (type === 'commit') waiting.push(commitLinks(bytes).tree, ...(ends.has(id) ? [] : commitLinks(bytes).parents));
    }
    return seen;
  }

  const steps = fc.array(
    fc.record({
      head: fc.nat(),
      depth: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constant(2 ** 31 - 1), fc.constant(undefined)),
      isRelative: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  );

  it('is whole down to where it ends, however it is deepened and goes on', async () => {
    const times = fc.integer({ min: 1, max: 2_000_000_000 });
    await fc.assert(
      fc.asyncProperty(shapes(times), steps, async (list, rounds) => {
        const { objects, commits } = await grow(list);
        const held = new Set<string>();
        const heads = new Set<CommitId>();
        let ends: ReadonlySet<CommitId> = new Set();
        for (const { head: pick, ...how } of rounds) {
          const head = pickOf(commits, pick);
          const cut = await cutAtDepth(objects, { ...how, wants: [head], shallow: [...ends] });
          const range = { wants: [head, ...cut.uncovered], haves: [...heads], wantsEndAt: cut.ends, havesEndAt: ends };
          for (const id of await objectsToSend(objects, range)) held.add(id);
          heads.add(head);
          const told = new Set([...ends, ...cut.shallow].filter((id) => !cut.unshallow.includes(id)));
          expect(told).toEqual(new Set(cut.ends));
          ends = told;
          for (const one of heads)
            for (const id of await reachableDownTo(objects, one, ends)) expect([...held]).toContain(id);
        }
      }),
    );
  });
});
