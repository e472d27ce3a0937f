import { invitedPath, memberPath } from '../tree-path.ts';
import { type Decision, type DecisionState, refuse } from './decision.ts';
import { ownDeviceFile } from './take-part.ts';

export interface JoinConversation {
  readonly kind: 'join-conversation';
}

/** Uses the invitation up. */
export function joinConversation(state: DecisionState): Decision {
  const { self, membership } = state;
  const role = membership.members.get(self.account)?.role;
  if (role === 'admin' || role === 'member') return refuse('already-a-member', 'this account is a member already');
  if (role === 'banned') return refuse('banned', 'this account is banned from the conversation');
  if (role !== 'invited') return refuse('not-invited', 'this account is not invited');
  return {
    event: { kind: 'member-joined', uri: self.account },
    edits: [
      { path: invitedPath(self.account), content: undefined },
      { path: memberPath(self.account), content: self.accountCertificate },
      ...ownDeviceFile(state),
    ],
  };
}
