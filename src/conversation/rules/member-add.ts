import type { AccountUri } from '../../ids.ts';
import { accountBan } from '../membership/bans.ts';
import { EMPTY_BLOB } from '../tree/tree.ts';
import { bannedPath, invitedPath, revocationsPath } from '../tree-path.ts';
import { isAddition, isOwnDeviceFile, strayChange } from './changed-files.ts';
import type { AuthoredFacts } from './commit-facts.ts';
import { type Flaw, flaw } from './rule.ts';

/** R22–R28: somebody is invited. Any member may, in every mode. */
export function judgeAdd(facts: AuthoredFacts, uri: AccountUri): Flaw | undefined {
  const { founding, changes, signer, parentTree } = facts;
  if (founding.mode === 'one-to-one' && !founding.initialMembers.includes(uri))
    return flaw('R22', `${uri} is not one of the two`);
  if (changes.length < 1 || changes.length > 3) return flaw('R23', `it changes ${changes.length} files`);
  if (signer.uri === uri) return flaw('R24', `${uri} adds themselves`);
  const isOwnDevice = isOwnDeviceFile(facts);
  const path = invitedPath(uri);
  const allowed = new Set([path, revocationsPath(signer.uri)]);
  const stray = strayChange('R25', changes, (change) => allowed.has(change.path) || isOwnDevice(change));
  if (stray) return stray;
  const invitation = changes.find((change) => change.path === path);
  if (!invitation?.after) return flaw('R26', `${path} is not made`, path);
  if (invitation.after.id !== EMPTY_BLOB) return flaw('R27', `${path} is not empty`, path);
  if (!isAddition(invitation)) return flaw('R26', `${path} was there before`, path);
  return judgeBanned(parentTree, uri);
}

function judgeBanned(parentTree: AuthoredFacts['parentTree'], uri: AccountUri): Flaw | undefined {
  const banned = accountBan(parentTree, uri);
  return banned && flaw('R28', `${uri} is banned`, bannedPath(banned, uri));
}
