import { fileAt } from '../tree/tree.ts';
import { adminPath, PROFILE_PATH } from '../tree-path.ts';
import { isOwnDeviceFile, strayChange } from './changed-files.ts';
import type { AuthoredFacts } from './commit-facts.ts';
import { type Flaw, flaw } from './rule.ts';

/** R41, R42: the conversation's title, description or picture. What the profile says is free. */
export function judgeProfile(facts: AuthoredFacts): Flaw | undefined {
  const { signer, tree, changes } = facts;
  if (!fileAt(tree, adminPath(signer.uri))) return flaw('R41', `${signer.uri} is no admin`);
  const isOwnDevice = isOwnDeviceFile(facts);
  return strayChange('R42', changes, (change) => change.path === PROFILE_PATH || isOwnDevice(change));
}
