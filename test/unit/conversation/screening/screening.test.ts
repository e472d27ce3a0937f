import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createCertificateCache } from '../../../../src/conversation/judge/certificate-reader.ts';
import { commitsToJudge } from '../../../../src/conversation/judge/commits-to-judge.ts';
import { judgeCommits } from '../../../../src/conversation/judge/judge-commits.ts';
import { walkHistory } from '../../../../src/conversation/judge/walk-history.ts';
import { readFounding, rootOf } from '../../../../src/conversation/log/founding.ts';
import { createHistoryReader } from '../../../../src/conversation/log/history-reader.ts';
import { openSource } from '../../../../src/conversation/repository/open-source-adapter.ts';
import { ArrivalGatherer } from '../../../../src/conversation/repository/receive/arrival-gatherer.ts';
import type { RepositoryReader } from '../../../../src/conversation/repository/repository.ts';
import type { Refusal } from '../../../../src/conversation/rules/rule.ts';
import { keysIn } from '../../../../src/conversation/screening/keys-in-history.ts';
import { type PackSlice, slicesOf } from '../../../../src/conversation/screening/pack-slices.ts';
import { ScreenThread } from '../../../../src/conversation/screening/screen-thread-adapter.ts';
import { ScreenedCommits } from '../../../../src/conversation/screening/screened-commits.ts';
import { RECORD_BYTES } from '../../../../src/conversation/screening/screened-record.ts';
import { Screening as Watch } from '../../../../src/conversation/screening/screening-adapter.ts';
import { asCommitId, ID_BYTES, idFromBytes } from '../../../../src/id-bytes.ts';
import { IdTable } from '../../../../src/id-table.ts';
import { CommitId } from '../../../../src/ids.ts';
import { SCREENING_OBJECTS } from '../../../../src/limits.ts';
import { foundGroup, type JudgedGroup, leave } from '../../../support/conversation/judged-group.ts';
import {
  type Screening,
  screenedForge,
  screenedOnArrival,
  screenedPacks,
} from '../../../support/conversation/screened.ts';

const KIT = join(import.meta.dirname, '../../../../fixtures/conformance/histories.bundle');
const { signal } = new AbortController();
const certificates = createCertificateCache();
const NOWHERE = CommitId.parse('0'.repeat(40));

interface Verdict {
  readonly problems: readonly Refusal[];
  /** How many commits nobody had to judge. */
  readonly cleared: number;
}

/** As `verifyHistory`, with or without what was screened. */
async function judged(reader: RepositoryReader, head: CommitId, screened?: ScreenedCommits): Promise<Verdict> {
  const history = createHistoryReader(reader, certificates);
  const walked = await walkHistory(history, head, { screened, signal });
  const { graph, count, problems } = walked;
  const founding = await readFounding(history, rootOf(graph, head));
  const found = [...problems];
  const isSigned = screened && ((id: CommitId) => screened.isSigned(id));
  const surroundings = { history, graph, founding, hasGaps: problems.length > 0 };
  const ids: CommitId[] = [];
  for await (const id of commitsToJudge(walked, { history, founding, screened, signal })) ids.push(id);
  for await (const refusal of judgeCommits(surroundings, ids, { signal, isSigned })) found.push(refusal);
  return { problems: found, cleared: count - ids.length };
}

describe('the conformance kit, screened first', () => {
  let kit: RepositoryReader;
  let screening: Screening;

  beforeAll(async () => {
    kit = await openSource(KIT);
    screening = await screenedPacks(kit);
    return () => kit[Symbol.asyncDispose]();
  });

  it('gets the same verdicts as judged commit by commit', async () => {
    expect(await clearedOf(screening.screened)).toBeGreaterThan(0);
  });

  it('is screened by a thread as by this one', async () => {
    const packs = kit.packs?.() ?? [];
    const byThread = new ScreenedCommits();
    await using thread = new ScreenThread(keysIn(createHistoryReader(kit)));
    thread.see(packs.map(({ path, start, size }) => ({ path, start, size })));
    for await (const slice of slicesOf(packs)) {
      const records = Buffer.from((await thread.screen({ kind: 'slice', slice })) ?? []);
      expect(withoutSignatures(records)).toEqual(withoutSignatures(screening.records.shift()));
      byThread.add(records);
    }
    expect(screening.records).toEqual([]);
    expect(await clearedOf(byThread)).toBeGreaterThan(0);
  });

  /** How many commits of all histories nobody has to judge. */
  async function clearedOf(screened: ScreenedCommits): Promise<number> {
    let cleared = 0;
    for (const { id } of await kit.refs()) {
      const verdict = await judged(kit, id, screened);
      expect(verdict.problems).toEqual((await judged(kit, id)).problems);
      cleared += verdict.cleared;
    }
    return cleared;
  }

  it('is screened while it comes, and the rest when it is there', async () => {
    const [pack] = kit.packs?.() ?? [];
    const ids = [...(pack?.index.ids() ?? [])];
    await using watch = new Watch({ signal });
    watch.expect(SCREENING_OBJECTS);
    for (const [place, id] of ids.entries()) {
      const gatherer = new ArrivalGatherer();
      if (place % 3 > 0) gatherer.add(id, await kit.objects.read(id));
      const arrival = gatherer.give();
      if (arrival) watch.take(arrival);
    }
    const screened = await watch.finish({
      history: createHistoryReader(kit),
      packs: kit.packs?.() ?? [],
      head: NOWHERE,
    });
    expectSame(screened, ids.map(asCommitId));
  });

  it('is not looked at again when all commits came by', async () => {
    const [pack = expect.fail('the kit has no pack')] = kit.packs?.() ?? [];
    const signed = [...pack.index.ids()].filter((id) => screening.screened.isSigned(asCommitId(id)));
    await using watch = new Watch({ signal, knownKeyOf: keysIn(createHistoryReader(kit)) });
    watch.expect(SCREENING_OBJECTS);
    const gatherer = new ArrivalGatherer();
    for (const id of signed) gatherer.add(id, await kit.objects.read(id));
    watch.take(gatherer.give() ?? expect.fail('nothing is signed'));
    const index = { ...pack.index, offsetAt: () => expect.fail('it was looked at') };
    const history = createHistoryReader(kit);
    const commits = signed.length;
    expectSame(
      await watch.finish({ history, packs: [{ ...pack, index }], head: NOWHERE, commits }),
      signed.map(asCommitId),
    );
  });

  it('is screened all at once, whether or not the head can be read', async () => {
    const [pack] = kit.packs?.() ?? [];
    const ids = [...(pack?.index.ids() ?? [])].map(asCommitId);
    const packs = Array.from({ length: Math.ceil(SCREENING_OBJECTS / ids.length) }, () => pack ?? expect.fail());
    const history = createHistoryReader(kit);
    for (const head of [(await kit.refs())[0]?.id ?? expect.fail('the kit has no history'), NOWHERE]) {
      await using watch = new Watch({ signal });
      expectSame(await watch.finish({ history, packs, head }), ids);
    }
  });

  function expectSame(screened: ScreenedCommits | undefined, ids: readonly CommitId[]): void {
    for (const id of ids) {
      expect(screened?.get(id)).toEqual(screening.screened.get(id));
      expect(screened && isUnchanging(screened, id)).toEqual(isUnchanging(screening.screened, id));
    }
  }

  it('is cut into slices without what is known already', async () => {
    const packs = kit.packs?.() ?? [];
    const all = await idsIn(slicesOf(packs));
    await fc.assert(
      fc.asyncProperty(fc.subarray(all), async (some) => {
        const known = new IdTable();
        for (const id of some) known.add(id);
        const rest = all.filter((id) => known.rowOf(id) === undefined);
        expect(await idsIn(slicesOf(packs, known))).toEqual(rest);
      }),
    );
  });

  it('is left to the judge when the thread ends', async () => {
    const packs = kit.packs?.() ?? [];
    const thread = new ScreenThread(async () => undefined);
    const slice = (await slicesOf(packs).next()).value ?? expect.fail('the kit has no slice');
    const answer = thread.screen({ kind: 'slice', slice });
    await thread[Symbol.asyncDispose]();
    expect(await answer).toBeUndefined();
    expect(await thread.screen({ kind: 'slice', slice })).toBeUndefined();
  });
});

async function idsIn(slices: AsyncIterable<PackSlice>): Promise<CommitId[]> {
  const found: CommitId[] = [];
  for await (const { ids } of slices)
    for (let at = 0; at < ids.byteLength; at += ID_BYTES) found.push(asCommitId(idFromBytes(ids, at)));
  return found;
}

/** Whose certificate a tree lacks is known by the time his commit is screened, or is not: then the commit is left to the judge. */
function withoutSignatures(records: Buffer = Buffer.alloc(0)): Buffer {
  const rest = Buffer.from(records);
  for (let end = RECORD_BYTES; end <= rest.byteLength; end += RECORD_BYTES) rest[end - 1] = 0;
  return rest;
}

function isUnchanging(screened: ScreenedCommits, id: CommitId): boolean | undefined {
  const row = screened.rowOf(id);
  return row === undefined ? undefined : screened.isUnchanging(row);
}

type Step = (group: JudgedGroup) => Promise<unknown>;

const TEXTS: readonly (object | string)[] = [
  { type: 'text/plain', body: 'hello' },
  { type: 'text/plain', body: 'hello', 'reply-to': 'ab'.repeat(20) },
  { type: 'application/of-tomorrow', constructor: 'x', hasOwnProperty: 'y' },
  { type: 'text/plain', nested: { deep: [1] } },
  { type: 'text/plain', mode: 'two' },
  { type: 'text/plain', totalSize: 'large' },
  { type: 'text/plain', edit: '' },
  { type: 'text/plain', edit: 7 },
  { type: 'application/edited-message', body: 'what?' },
  { type: '' },
  { type: 'vote', uri: 'ab'.repeat(20) },
  { type: 'initial', mode: 2 },
  { body: 'of no type' },
  '{"type":"text/plain","__proto__":{"type":"vote"}}',
  '{"type":"text/plain",}',
  '["text/plain"]',
  'no JSON',
  '',
  `Merge commit '${'ab'.repeat(20)}'`,
];

const author = fc.constantFrom('alice', 'bob', 'carol' as const);
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: author.map(
      (by): Step =>
        (group) =>
          group.forge.say(group[by], 'hello'),
    ),
  },
  fc.tuple(author, fc.constantFrom(...TEXTS)).map(
    ([by, says]): Step =>
      (group) =>
        group.forge.commit({ by: group[by], says }),
  ),
  fc.tuple(author, author).map(
    ([by, other]): Step =>
      (group) =>
        group.forge.commit({ by: group[by], says: { type: 'text/plain' }, signedWith: group[other] }),
  ),
  author.map(
    (by): Step =>
      ({ forge, ...members }) =>
        forge.say(members[by], 'a file', { 'stray.txt': 'x' }),
  ),
  author.map(
    (by): Step =>
      ({ forge, ...members }) =>
        forge.commit({ by: members[by], says: { type: 'text/plain', edit: forge.head } }),
  ),
  fc.constant<Step>((group) => leave(group, group.bob)),
  fc.constant<Step>(({ forge, alice }) => forge.commit({ by: alice, says: { type: 'text/plain' }, seconds: 2 ** 33 })),
  fc.nat().map(
    (flip): Step =>
      ({ forge, alice }) =>
        forge.commit({ by: alice, says: { type: 'text/plain' }, tamper: (bytes) => flipped(bytes, flip) }),
  ),
  fc.boolean().map(
    (isHonest): Step =>
      async ({ forge, alice, bob }) => {
        const fork = forge.head;
        const one = await forge.say(alice, 'one');
        forge.rewindTo(fork);
        const other = await forge.say(bob, 'other');
        await forge.merge(alice, [one, other], isHonest ? {} : { 'stray.txt': 'invented' });
      },
  ),
);

/** In the text, so that it is still a commit, and one that names the parent it named. */
function flipped(bytes: Buffer, flip: number): Buffer {
  const text = bytes.indexOf('\n\n') + 2;
  const at = text + (flip % (bytes.length - text));
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}

it('says of any history what judging it commit by commit says', async () => {
  const group = await foundGroup();
  const { forge, alice } = group;
  // One that is cleared, whatever comes after it.
  const start = await forge.say(alice, 'hello');
  let cleared = 0;
  let clearedOnArrival = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(steps, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 50 }),
      async (made, atOnce) => {
        forge.rewindTo(start);
        for (const step of made) await step(group);
        const verdict = await judged(forge.reader(), forge.head, (await screenedForge(forge)).screened);
        const { problems } = await judged(forge.reader(), forge.head);
        expect(verdict.problems).toEqual(problems);
        const onArrival = await judged(forge.reader(), forge.head, await screenedOnArrival(forge, atOnce));
        expect(onArrival.problems).toEqual(problems);
        clearedOnArrival += onArrival.cleared;
        cleared += verdict.cleared;
      },
    ),
    { numRuns: 10 },
  );
  expect(cleared).toBeGreaterThan(0);
  expect(clearedOnArrival).toBeGreaterThan(0);
});
