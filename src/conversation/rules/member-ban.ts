import { AccountUri } from '../../ids.ts';
import { fileAt, namesIn } from '../tree/tree.ts';
import type { Change } from '../tree/tree-changes.ts';
import {
  adminPath,
  bannedPath,
  invitedPath,
  memberPath,
  readPath,
  revocationsPath,
  type Target,
  type TargetKind,
  targetPath,
} from '../tree-path.ts';
import { isAddition, isOwnDeviceFile, isRemoval, strayChange } from './changed-files.ts';
import type { AuthoredFacts } from './commit-facts.ts';
import { isDeviceOf } from './device-owner.ts';
import { type Flaw, flaw } from './rule.ts';

export interface Resolution {
  readonly action: 'ban' | 'unban';
  readonly target: Target;
}

/** R35–R40: the votes are counted and the target is banned, or let in again. */
export function judgeResolution(facts: AuthoredFacts, resolution: Resolution): Flaw | undefined {
  return (
    strayChange('R35', facts.changes, isResolutionFile(resolution)) ??
    judgeTargets(facts, resolution) ??
    judgeDevices(facts, resolution) ??
    judgeVotes(facts, resolution) ??
    judgeMove(facts, resolution)
  );
}

function isResolutionFile({ target }: Resolution): (change: Change) => boolean {
  const uri = AccountUri.safeParse(target).data;
  const places = uri ? [adminPath(uri), memberPath(uri), invitedPath(uri)] : [];
  const own = new Set([...places, revocationsPath(target)]);
  const areas = new Set(['votes', 'banned', 'devices']);
  return ({ path }) => own.has(path) || areas.has(readPath(path).area);
}

function judgeTargets({ changes }: AuthoredFacts, { action, target }: Resolution): Flaw | undefined {
  for (const change of changes) {
    const path = readPath(change.path);
    if ((path.area === 'votes' || path.area === 'banned') && path.target !== target)
      return flaw('R36', `${change.path} is not about ${target}`, change.path);
    if (path.area === 'votes' && (path.action !== action || !isRemoval(change)))
      return flaw('R36', `${change.path} is no vote that is used up here`, change.path);
  }
  return undefined;
}

function judgeDevices(facts: AuthoredFacts, { action, target }: Resolution): Flaw | undefined {
  const isOwnDevice = isOwnDeviceFile(facts);
  const isRightWay = action === 'ban' ? isRemoval : isAddition;
  const wrong = facts.changes.find(
    (change) =>
      readPath(change.path).area === 'devices' &&
      !isOwnDevice(change) &&
      !(isRightWay(change) && isDeviceOf(facts, change, target)),
  );
  return wrong && flaw('R37', `${wrong.path} is not to be touched by this ${action}`, wrong.path);
}

/** Counted against the admins of the parent's tree, so that every replica counts alike at any time. */
function judgeVotes({ changes, parentTree, signer }: AuthoredFacts, { action }: Resolution): Flaw | undefined {
  if (!fileAt(parentTree, adminPath(signer.uri))) return flaw('R38', `${signer.uri} is no admin`);
  const admins = namesIn(parentTree, 'admins');
  const kinds = movedKinds(changes);
  const votes = changes.filter(({ path }) => {
    const vote = readPath(path);
    const isOnIt = vote.area === 'votes' && (kinds.length === 0 || kinds.includes(vote.kind));
    return isOnIt && admins.includes(`${vote.voter}.crt`);
  });
  return 2 * votes.length > admins.length
    ? undefined
    : flaw('R39', `${votes.length} of ${admins.length} admins voted for the ${action}`);
}

/** Exactly one file moves, and it moves unchanged. */
function judgeMove({ changes, parentTree }: AuthoredFacts, { action, target }: Resolution): Flaw | undefined {
  const kinds = movedKinds(changes);
  const [kind, ...more] = kinds;
  if (!kind || more.length > 0) return flaw('R40', `it moves ${kinds.length} files to or from the banned ones`);
  const [from, to] = movePaths(action, kind, target);
  const [source, goal] = [from, to].map((path) => changes.find((change) => change.path === path));
  // A merge can have brought in the file of who joined while being banned: then only the ban is taken away. No ban is
  // without its goal.
  const isThere = !goal && fileAt(parentTree, to) !== undefined;
  const isMoved = goal && isAddition(goal) && source?.before?.id === goal.after?.id;
  if (!source || !isRemoval(source) || !(isMoved || isThere))
    return flaw('R40', `${from} is not moved to ${to} unchanged`, to);
  const others = changes.find(({ path }) => path !== from && path !== to && isPlace(path, target));
  return others && flaw('R40', `${others.path} changes beside ${from}`, others.path);
}

/** As what the target is banned, or let in again. */
function movedKinds(changes: readonly Change[]): readonly TargetKind[] {
  return changes.flatMap(({ path }) => {
    const read = readPath(path);
    return read.area === 'banned' ? [read.kind] : [];
  });
}

function movePaths(action: Resolution['action'], kind: TargetKind, target: Target): readonly [string, string] {
  const [free, banned] = [targetPath(kind, target), bannedPath(kind, target)];
  return action === 'ban' ? [free, banned] : [banned, free];
}

function isPlace(path: string, target: Target): boolean {
  const read = readPath(path);
  return (read.area === 'admins' || read.area === 'members' || read.area === 'invited') && read.uri === target;
}
