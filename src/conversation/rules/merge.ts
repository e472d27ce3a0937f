import { mergeTrees } from '../merge/merge-trees.ts';
import { changesBetween } from '../tree/tree-changes.ts';
import type { CommitFacts } from './commit-facts.ts';
import { type Flaw, flaw } from './rule.ts';

/** R51, R52, S3: heads are joined. Its author is judged as every other (R50). */
export function judgeMerge(facts: CommitFacts): Flaw | undefined {
  const { commit, tree, changes, merged } = facts;
  const { length } = commit.parents;
  if (length !== 2) return flaw('R51', `it has ${length} parents`);
  if (!merged) return undefined;
  const fromSecond = new Set(changesBetween(merged.tree, tree).map(({ path }) => path));
  const invented = changes.find(({ path }) => fromSecond.has(path));
  return invented ? flaw('R52', `${invented.path} is as in neither parent`, invented.path) : judgeUnion(facts);
}

/**
 * Whoever merges chooses nothing: otherwise a merge could take the side without a ban, or drop what others wrote.
 * What the tree has to be follows from the parents alone, so that every replica finds the same.
 */
function judgeUnion({ commit, parentTree, changes, merged }: CommitFacts): Flaw | undefined {
  const [ours, theirs] = commit.parents;
  if (!ours || !theirs || !parentTree || !merged) return undefined;
  const sides = [
    { head: ours, tree: parentTree },
    { head: theirs, tree: merged.tree },
  ] as const;
  // What is neither as in ours nor as in theirs was refused by R52: which files change says all.
  const due = new Set(mergeTrees(merged.base, ...sides).map(({ path }) => path));
  const made = new Set(changes.map(({ path }) => path));
  const lost = [...due].find((path) => !made.has(path)) ?? [...made].find((path) => !due.has(path));
  return lost === undefined ? undefined : flaw('S3', `${lost} is as on the wrong one of its two sides`, lost);
}
