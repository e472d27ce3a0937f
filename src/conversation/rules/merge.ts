import type { CommitFacts } from './commit-facts.ts';
import { type Flaw, flaw } from './rule.ts';

/** R51, R52: heads are joined. Every file comes from one of the two sides as it is; its author is judged as every other (R50). */
export function judgeMerge({ commit, changes, secondChanges }: CommitFacts): Flaw | undefined {
  const { length } = commit.parents;
  if (length !== 2) return flaw('R51', `it has ${length} parents`);
  const fromSecond = new Set(secondChanges.map(({ path }) => path));
  const invented = changes.find(({ path }) => fromSecond.has(path));
  return invented && flaw('R52', `${invented.path} is as in neither parent`, invented.path);
}
