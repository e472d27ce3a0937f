import { AccountUri, DeviceId } from '../../ids.ts';
import { accountBan } from '../membership/bans.ts';
import { fileAt, namesIn, type Tree } from '../tree/tree.ts';
import { bannedPath, type Target, type TargetKind, targetPath, votesPath } from '../tree-path.ts';
import type { DecisionState } from './decision.ts';

/** What admins can vote on. */
export type VoteAction = 'ban' | 'unban';

export interface Ballot {
  readonly action: VoteAction;
  /** A member, an invited account, or a single device. */
  readonly target: Target;
}

/** How a vote stands. */
export interface Tally {
  /** As what the target is to be banned, or let in again. */
  readonly kind: TargetKind;
  /** Admins who have voted for it. */
  readonly votes: number;
  readonly admins: number;
  readonly isCastByUs: boolean;
  /** More than half of the admins have voted for it: rule R39. */
  readonly isCarried: boolean;
}

/** Undefined when there is nothing to vote on: nobody of that name to ban, or no ban to lift. */
export function tallyOf({ tree, self }: Pick<DecisionState, 'tree' | 'self'>, ballot: Ballot): Tally | undefined {
  const kind = ballot.action === 'ban' ? kindToBan(tree, ballot.target) : kindOfBan(tree, ballot.target);
  if (!kind) return undefined;
  const admins = namesIn(tree, 'admins');
  const voters = namesIn(tree, votesPath({ ...ballot, kind })).filter((voter) => admins.includes(`${voter}.crt`));
  return {
    kind,
    votes: voters.length,
    admins: admins.length,
    isCastByUs: voters.includes(self.account),
    isCarried: 2 * voters.length > admins.length,
  };
}

function kindToBan(tree: Tree, target: Target): TargetKind | undefined {
  return (['admins', 'members', 'invited', 'devices'] as const).find((kind) => fileAt(tree, targetPath(kind, target)));
}

function kindOfBan(tree: Tree, target: Target): TargetKind | undefined {
  const uri = AccountUri.safeParse(target).data;
  if (uri) return accountBan(tree, uri);
  const device = DeviceId.safeParse(target).data;
  return device && fileAt(tree, bannedPath('devices', device)) ? 'devices' : undefined;
}
