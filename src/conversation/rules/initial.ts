import { conversationFoundedBy } from '../../ids.ts';
import { fileAt } from '../tree/tree.ts';
import { adminPath, devicePath, invitedPath, revocationsPath } from '../tree-path.ts';
import { strayChange } from './changed-files.ts';
import type { AuthoredFacts } from './commit-facts.ts';
import { type Flaw, flaw } from './rule.ts';

/** R5, R6, S2: a commit without parents. */
export function judgeInitial({ commit, content, founding, signer, tree, changes }: AuthoredFacts): Flaw | undefined {
  if (founding.conversation !== conversationFoundedBy(commit.id))
    return flaw('S2', `it begins another history than ${founding.conversation ?? 'that of the head'}`);
  if (content.outcome !== 'known' || content.event.kind !== 'conversation-created')
    return flaw('R5', content.outcome === 'malformed' ? content.reason : 'it is no initial commit');
  const { mode, invited } = content.event;
  const required = [adminPath(signer.uri), devicePath(signer.device)];
  const invitation = mode === 'one-to-one' && invited ? [invitedPath(invited)] : [];
  const allowed = new Set([...required, ...invitation, revocationsPath(signer.uri)]);
  const missing = required.find((path) => !fileAt(tree, path));
  if (missing) return flaw('R6', `${missing} is missing`, missing);
  return strayChange('R6', changes, ({ path }) => allowed.has(path));
}
