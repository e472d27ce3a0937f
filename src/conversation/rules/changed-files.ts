/** What several families say of the files a commit changes. */
import { PLAIN_FILE } from '../tree/tree.ts';
import type { Change } from '../tree/tree-changes.ts';
import { devicePath } from '../tree-path.ts';
import type { AuthoredFacts } from './commit-facts.ts';
import { type Flaw, flaw, type Rule } from './rule.ts';

/** The first change that is not allowed, or that leaves anything but a plain file behind. */
export function strayChange(
  rule: Rule,
  changes: readonly Change[],
  isAllowed: (change: Change) => boolean,
): Flaw | undefined {
  const stray = changes.find((change) => !isAllowed(change));
  if (stray) return flaw(rule, `it ${verbOf(stray)} ${stray.path}, which a commit of its type may not`, stray.path);
  const odd = changes.find(({ after }) => after && after.mode !== PLAIN_FILE);
  return odd && flaw(rule, `it makes ${odd.path} something else than a plain file`, odd.path);
}

export const isAddition = ({ before }: Change): boolean => before === undefined;
export const isRemoval = ({ after }: Change): boolean => after === undefined;

/** The author's device brings its own certificate along, or renews it. What it holds is judged with the signature. */
export function isOwnDeviceFile({ signer }: AuthoredFacts): (change: Change) => boolean {
  const path = devicePath(signer.device);
  return (change) => change.path === path && !isRemoval(change);
}

function verbOf(change: Change): string {
  if (isAddition(change)) return 'adds';
  return isRemoval(change) ? 'removes' : 'changes';
}
