import { fileAt } from '../tree/tree.ts';
import { adminPath, devicePath, memberPath, revocationsPath } from '../tree-path.ts';
import { type Decision, type DecisionState, refuse } from './decision.ts';
import { refusalToTakePart } from './take-part.ts';

export interface LeaveConversation {
  readonly kind: 'leave-conversation';
}

/** Takes the member's own file, those of all its devices and its list of revocations away. */
export function leaveConversation(state: DecisionState): Decision {
  const { self, tree, membership } = state;
  const refusal = refusalToTakePart(state);
  if (refusal) return refusal;
  // Leaving only takes away (rule R33), so nobody could tell whose signature it bears.
  if (!fileAt(tree, devicePath(self.device)))
    return refuse('device-unknown', 'this device has said nothing here yet; leave from one that has, or say something');
  const devices = membership.members.get(self.account)?.devices ?? [];
  const own = [adminPath, memberPath, revocationsPath].map((pathOf) => pathOf(self.account));
  const gone = [...own, ...devices.map(devicePath)].filter((path) => fileAt(tree, path));
  return {
    event: { kind: 'member-left', uri: self.account },
    edits: gone.map((path) => ({ path, content: undefined })),
  };
}
