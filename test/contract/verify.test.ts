/** One contract for both ways to verify signatures, and one verdict over whole histories. */
import { createPublicKey, generateKeyPairSync, sign as signWith } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readFounding, rootOf } from '../../src/conversation/founding.ts';
import { createHistoryReader } from '../../src/conversation/history-reader.ts';
import { judgeCommits } from '../../src/conversation/judge-commits.ts';
import { openSource } from '../../src/conversation/repository/open-source-adapter.ts';
import type { RepositoryReader } from '../../src/conversation/repository/repository.ts';
import type { Refusal } from '../../src/conversation/rules/rule.ts';
import { walkHistory } from '../../src/conversation/walk-history.ts';
import { createBulkVerifier } from '../../src/identity/bulk-verifier-adapter.ts';
import { sign, type Verify, verify } from '../../src/identity/signature.ts';
import { CommitId } from '../../src/ids.ts';
import { SIGNATURES_AHEAD, VERIFY_BATCH } from '../../src/limits.ts';
import { wholeTestAccount } from '../support/accounts.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/conformance');
const Index = z.array(z.object({ head: CommitId, rule: z.string().optional() }));
const bulk = createBulkVerifier(2);
const withoutThreads = createBulkVerifier(0);
afterAll(() => bulk[Symbol.asyncDispose]());
const { keys } = await wholeTestAccount('alice');
const publicKey = createPublicKey(keys.device);
const { signal } = new AbortController();

describe.each([
  ['on the pool', verify],
  ['in threads of its own', bulk.verify],
  ['in threads that are all gone', withoutThreads.verify],
])('verifying %s', (_, verifyWith: Verify) => {
  it('tells the right signatures from the wrong ones, each by itself', async () => {
    const texts = Array.from({ length: 2 * VERIFY_BATCH + 3 }, (_, place) => Buffer.from(`text ${place}`));
    const signatures = await Promise.all(texts.map((text) => sign(keys.device, text)));
    const isSwapped = (place: number) => place % 7 === 0;
    const verdicts = texts.map((text, place) => {
      const signature = signatures[isSwapped(place) ? (place + 1) % texts.length : place] ?? text;
      return verifyWith(publicKey, text, signature);
    });
    expect(await Promise.all(verdicts)).toEqual(texts.map((_, place) => !isSwapped(place)));
  });

  it('takes no other kind of key, and no signature of another length', async () => {
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const text = Buffer.from('text');
    expect(await verifyWith(curve.publicKey, text, signWith('sha512', text, curve.privateKey))).toBe(false);
    expect(await verifyWith(publicKey, text, new Uint8Array())).toBe(false);
  });
});

/** The rules that hang on signatures; what the others say does not depend on how they are verified. */
const ABOUT_SIGNATURES = ['R2', 'V6'];

it('judges the histories of the conformance kit alike, signature by signature or in bulk', async () => {
  const index = Index.parse(JSON.parse(readFileSync(join(FOLDER, 'index.json'), 'utf8')));
  await using kit = await openSource(join(FOLDER, 'histories.bundle'));
  const chosen = index.filter(({ rule = '' }) => ABOUT_SIGNATURES.includes(rule));
  const valid = index.filter(({ rule }) => rule === undefined).slice(0, 2);
  expect(chosen.length).toBeGreaterThan(2);
  for (const { head } of [...chosen, ...valid])
    expect(await refusals(kit, head, bulk.verify)).toEqual(await refusals(kit, head, verify));
});

it('keeps a bounded number of signatures ahead, and stops when it is told to', async () => {
  await using kit = await openSource(join(FOLDER, 'histories.bundle'));
  const head = (await kit.head()) ?? expect.fail('the kit has no head');
  let asked = 0;
  const abort = new AbortController();
  const neverAnswers: Verify = () => {
    asked += 1;
    return new Promise(() => {});
  };
  const { surroundings, ids } = await surroundingsOf(kit, head);
  function* without(end: number): Generator<CommitId> {
    for (let place = 0; place < end; place += 1) yield ids[place % ids.length] ?? head;
    abort.abort();
    yield head;
  }
  const judging = judgeCommits(surroundings, without(SIGNATURES_AHEAD - 1), {
    signal: abort.signal,
    verify: neverAnswers,
  });
  await expect(judging.next()).rejects.toThrow();
  expect(asked).toBeLessThan(SIGNATURES_AHEAD);
});

async function surroundingsOf(reader: RepositoryReader, head: CommitId) {
  const history = createHistoryReader(reader);
  const { graph, commits, problems } = await walkHistory(history, head, { signal });
  const founding = await readFounding(history, rootOf(graph, head));
  const surroundings = { history, graph, founding, hasGaps: problems.length > 0 };
  return { surroundings, ids: commits.map(({ id }) => id) };
}

async function refusals(reader: RepositoryReader, head: CommitId, verifyWith: Verify): Promise<Refusal[]> {
  const { surroundings, ids } = await surroundingsOf(reader, head);
  const found: Refusal[] = [];
  for await (const refusal of judgeCommits(surroundings, ids, { signal, verify: verifyWith })) found.push(refusal);
  return found;
}
