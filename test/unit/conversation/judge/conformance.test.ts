/** Our validator over `fixtures/conformance`, as any other implementation would run over it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { judgeCommits } from '../../../../src/conversation/judge/judge-commits.ts';
import type { IsRevoked } from '../../../../src/conversation/judge/judge-standing.ts';
import { validateBatch } from '../../../../src/conversation/judge/validate-batch.ts';
import { walkedIds, walkHistory } from '../../../../src/conversation/judge/walk-history.ts';
import { readFounding, rootOf } from '../../../../src/conversation/log/founding.ts';
import { createHistoryReader, type HistoryReader } from '../../../../src/conversation/log/history-reader.ts';
import { openSource } from '../../../../src/conversation/repository/open-source-adapter.ts';
import { type Refusal, RULES, type Rule } from '../../../../src/conversation/rules/rule.ts';
import { AccountUri, CommitId, DeviceId } from '../../../../src/ids.ts';
import { makeConformanceKit } from '../../../support/conformance/kit.ts';

const FOLDER = join(import.meta.dirname, '../../../../fixtures/conformance');
const rules = Object.keys(RULES) as Rule[];
const revoked = z.array(z.strictObject({ account: AccountUri, device: DeviceId })).optional();
const Index = z.array(
  z.discriminatedUnion('verdict', [
    z.strictObject({ name: z.string(), head: CommitId, verdict: z.literal('valid'), revoked }),
    z.strictObject({
      ...{ name: z.string(), head: CommitId, verdict: z.literal('refused'), revoked },
      ...{ rule: z.enum(rules), commit: CommitId },
    }),
  ]),
);
type History = z.infer<typeof Index>[number];
const index = Index.parse(JSON.parse(readFileSync(join(FOLDER, 'index.json'), 'utf8')));

/** In bundles of their own: a pack beyond the limits is no matter of the history. See oversize-histories.test.ts. */
const ELSEWHERE: readonly Rule[] = ['R1'];

/** What is wrong with these is no file, device, member or other object: the commit itself is what a refusal names. */
const ABOUT_THE_COMMIT: ReadonlySet<Rule> = new Set<Rule>([
  'R2',
  'R5',
  'R7',
  'R10',
  'R12',
  'R21',
  'R23',
  'R39',
  'R40',
  'R43',
  'R45',
  'R48',
  'R51',
]);

const { signal } = new AbortController();

describe('the conformance kit', () => {
  /** One for all: what was found out of a commit, a tree or a certificate holds in each history that has it. */
  let history: HistoryReader;

  beforeAll(async () => {
    const kit = await openSource(join(FOLDER, 'histories.bundle'));
    history = createHistoryReader(kit);
    return () => kit[Symbol.asyncDispose]();
  });

  /** All that is wrong with a history; of one with revoked devices, what a reader finds first who has heard of them. */
  async function problemsOf({ head, revoked: gone }: History): Promise<readonly Refusal[]> {
    const walked = await walkHistory(history, head, { signal });
    const founding = await readFounding(history, rootOf(walked.graph, head));
    const problems: Refusal[] = [...walked.problems];
    const surroundings = { history, graph: walked.graph, founding, hasGaps: walked.problems.length > 0 };
    for await (const refusal of judgeCommits(surroundings, walkedIds(walked), { signal })) problems.push(refusal);
    if (!gone) return problems;
    const isRevoked: IsRevoked = ({ account, device }) =>
      gone.some((one) => one.account === account && one.device === device);
    const judged = await validateBatch({ head, history }, founding, { signal, isRevoked });
    return judged.outcome === 'refused' ? [...problems, judged.refusal] : problems;
  }

  it.each(index.filter(({ verdict }) => verdict === 'valid'))('admits $name', async (history) => {
    expect(await problemsOf(history)).toEqual([]);
  });

  it.each(index.filter((one) => one.verdict === 'refused'))('refuses $name', async (history) => {
    const problems = await problemsOf(history);
    const { commit, rule } = history;
    expect(problems).toContainEqual(expect.objectContaining({ commit, rule }));
    for (const problem of problems) expectTold(problem);
  });

  /** The rule, the commit, what was found in words, and the file or the id at fault. */
  function expectTold({ rule, commit, message, path }: Refusal): void {
    expect(rules).toContain(rule);
    expect(commit).toMatch(/^[0-9a-f]{40}$/);
    expect(message).toMatch(/\w+ \w+.*[^.]$/);
    if (!ABOUT_THE_COMMIT.has(rule)) expect(path ?? message).toMatch(/[0-9a-f]{40}|\.\w+$/);
  }

  /** An id stands for every byte below it. The bundle itself may be deflated in another way by another zlib. */
  it('is made again with the same ids', async () => {
    const { index: text } = await makeConformanceKit();
    expect(text).toBe(readFileSync(join(FOLDER, 'index.json'), 'utf8'));
  });

  it('has two histories or more for every rule', () => {
    const counts = countsOf(index);
    expect(rules.filter((rule) => !ELSEWHERE.includes(rule) && (counts.get(rule) ?? 0) < 2)).toEqual([]);
  });
});

function countsOf(histories: z.infer<typeof Index>): ReadonlyMap<Rule, number> {
  const counts = new Map<Rule, number>();
  for (const one of histories) if (one.verdict === 'refused') counts.set(one.rule, (counts.get(one.rule) ?? 0) + 1);
  return counts;
}
