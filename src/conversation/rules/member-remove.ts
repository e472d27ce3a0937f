import type { AccountUri } from '../../ids.ts';
import { fileAt } from '../tree/tree.ts';
import { adminPath, invitedPath, memberPath, revocationsPath } from '../tree-path.ts';
import { isRemoval, strayChange } from './changed-files.ts';
import type { AuthoredFacts } from './commit-facts.ts';
import { isDeviceOf } from './device-owner.ts';
import { type Flaw, flaw } from './rule.ts';

/** R33, R34: a member leaves. Stricter than the format: only by itself, only by taking away, and the membership goes. */
export function judgeRemove(facts: AuthoredFacts, uri: AccountUri): Flaw | undefined {
  const { changes, signer, tree } = facts;
  if (signer.uri !== uri) return flaw('R33', `${signer.uri} removes ${uri}`);
  const own = new Set([adminPath(uri), memberPath(uri), invitedPath(uri), revocationsPath(uri)]);
  const isDevice = (path: string) => path.startsWith('devices/');
  const stray = strayChange(
    'R33',
    changes,
    (change) => isRemoval(change) && (own.has(change.path) || isDevice(change.path)),
  );
  if (stray) return stray;
  // An admin that accepted an invitation has two files: both have to go.
  const left = [adminPath(uri), memberPath(uri)].find((path) => fileAt(tree, path));
  if (left) return flaw('R33', `${uri} leaves and stays a member`, left);
  const foreign = changes.find((change) => isDevice(change.path) && !isDeviceOf(facts, change, uri));
  return foreign && flaw('R34', `${foreign.path} is not a device of ${uri}`, foreign.path);
}
