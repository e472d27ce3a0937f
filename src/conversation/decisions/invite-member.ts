import type { AccountUri } from '../../ids.ts';
import { accountBan } from '../membership/bans.ts';
import { invitedPath } from '../tree-path.ts';
import { type Decision, type DecisionState, type Refusal, refuse } from './decision.ts';
import { ownDeviceFile, refusalToTakePart } from './take-part.ts';

export interface InviteMember {
  readonly kind: 'invite-member';
  readonly uri: AccountUri;
}

/**
 * Any member may invite, but where the mode leaves that to admins; a conversation between two stays between the two.
 * Other writers ignore that mode, and no rule refuses what they write: docs/format.md, "Modes".
 */
export function inviteMember(state: DecisionState, { uri }: InviteMember): Decision {
  return (
    refusalToTakePart(state) ??
    refusalToInvite(state, uri) ?? {
      event: { kind: 'member-added', uri },
      edits: [...ownDeviceFile(state), { path: invitedPath(uri), content: '' }],
    }
  );
}

function refusalToInvite({ self, membership, tree }: DecisionState, uri: AccountUri): Refusal | undefined {
  if (membership.mode === 'admin-invites-only' && membership.members.get(self.account)?.role !== 'admin')
    return refuse('not-an-admin', 'only admins invite to this conversation');
  if (uri === self.account) return refuse('own-invitation', 'this is your own account');
  const role = membership.members.get(uri)?.role;
  if (role === 'invited') return refuse('already-invited', `${uri} is invited already`);
  if (role === 'admin' || role === 'member') return refuse('already-a-member', `${uri} is a member already`);
  if (accountBan(tree, uri)) return refuse('banned', `${uri} is banned; an admin has to lift the ban`);
  if (membership.mode === 'one-to-one' && role !== 'left')
    return refuse('not-one-of-the-two', `${uri} is not one of the two this conversation is between`);
  return undefined;
}
