import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES } from '../../../../src/conversation/rules/rule.ts';

const DOCS = join(import.meta.dirname, '../../../../docs');
const ROW = /^\| `(\w+)` \| (.*) \| \[\S+\]\((\S+)\) \| \[\S+\]\((\S+)\) \| .+ \|$/gm;

interface Row {
  readonly rule: string;
  readonly sentence: string;
  readonly judgedIn: string;
  readonly brokenIn: string;
}

const rows: readonly Row[] = [...readFileSync(join(DOCS, 'rules.md'), 'utf8').matchAll(ROW)].map(
  ([, rule = '', sentence = '', judgedIn = '', brokenIn = '']) => ({ rule, sentence, judgedIn, brokenIn }),
);
const textAt = (path: string) => readFileSync(join(DOCS, path), 'utf8');

describe('the table of rules in docs/rules.md', () => {
  it('has a row for every rule, with its sentence', () => {
    expect(Object.fromEntries(rows.map(({ rule, sentence }) => [rule, sentence]))).toEqual(RULES);
  });

  it('names the file that judges each', () => {
    expect(rows.filter(({ rule, judgedIn }) => !textAt(judgedIn).includes(`'${rule}'`))).toEqual([]);
  });

  it('names a test that breaks each by a crafted commit, or the kit, which has two histories for it', () => {
    const isBroken = ({ rule, brokenIn }: Row) =>
      brokenIn.endsWith('/conformance.test.ts') || new RegExp(`'${rule}'`).test(textAt(brokenIn));
    expect(rows.filter((row) => !isBroken(row))).toEqual([]);
  });
});

describe("the format's own checklist for repositories", () => {
  it('is run, each case by the name that it has there', () => {
    const names: unknown = JSON.parse(textAt('../fixtures/conformance/reference-checklist.json'));
    const tests = textAt('../test/scenario/reference-checklist.test.ts').matchAll(/ {2}it\('(test\w+)'/g);
    expect(Array.from(tests, ([, name]) => name).toSorted()).toEqual(Array.isArray(names) ? names.toSorted() : names);
  });
});
