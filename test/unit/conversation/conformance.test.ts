/** Our validator over `fixtures/conformance`, as any other implementation would run over it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openSource } from '../../../src/conversation/repository/open-source-adapter.ts';
import type { RepositoryReader } from '../../../src/conversation/repository/repository.ts';
import { RULES, type Rule } from '../../../src/conversation/rules/rule.ts';
import { verifyHistory } from '../../../src/conversation/verify-history.ts';
import { CommitId } from '../../../src/ids.ts';

const FOLDER = join(import.meta.dirname, '../../../fixtures/conformance');
const rules = Object.keys(RULES) as Rule[];
const Index = z.array(
  z.discriminatedUnion('verdict', [
    z.strictObject({ name: z.string(), head: CommitId, verdict: z.literal('valid') }),
    z.strictObject({
      ...{ name: z.string(), head: CommitId, verdict: z.literal('refused') },
      ...{ rule: z.enum(rules), commit: CommitId },
    }),
  ]),
);
const index = Index.parse(JSON.parse(readFileSync(join(FOLDER, 'index.json'), 'utf8')));

/**
 * Not in the kit: packs beyond a limit and damaged objects, which no bundle can carry; a device certificate without an issuer, which nothing here
 * can make; revocations, which are no matter of the history alone.
 */
const ELSEWHERE: readonly Rule[] = ['R1', 'OBJECT', 'V2', 'REVOKED'];

describe('the conformance kit', () => {
  let kit: RepositoryReader;

  beforeAll(async () => {
    kit = await openSource(join(FOLDER, 'histories.bundle'));
    return () => kit[Symbol.asyncDispose]();
  });

  const problemsOf = async (head: CommitId) => {
    const history: RepositoryReader = { ...kit, head: async () => head };
    return (await verifyHistory(history, { signal: new AbortController().signal })).problems;
  };

  it.each(index.filter(({ verdict }) => verdict === 'valid'))('admits $name', async ({ head }) => {
    expect(await problemsOf(head)).toEqual([]);
  });

  it.each(index.filter((one) => one.verdict === 'refused'))('refuses $name', async ({ head, rule, commit }) => {
    expect(await problemsOf(head)).toContainEqual(
      expect.objectContaining({ commit, rule, message: expect.stringMatching(/./) }),
    );
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
