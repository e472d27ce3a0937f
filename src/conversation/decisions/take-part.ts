import type { CommitId } from '../../ids.ts';
import { fileAt } from '../tree/tree.ts';
import { devicePath } from '../tree-path.ts';
import { type DecisionState, type FileEdit, type Refusal, refuse } from './decision.ts';

/** Why the device may not commit at all; undefined when it may. */
export function refusalToTakePart({ self, membership }: DecisionState): Refusal | undefined {
  const role = membership.members.get(self.account)?.role;
  if (role !== 'admin' && role !== 'member')
    return refuse('not-a-member', `this account is ${role ?? 'no member'} in the conversation`);
  if (membership.bannedDevices.has(self.device))
    return refuse('device-banned', 'this device is banned from the conversation');
  return undefined;
}

/** A device brings its certificate along with its first commit. */
export function ownDeviceFile({ self, tree }: Pick<DecisionState, 'self' | 'tree'>): readonly FileEdit[] {
  const path = devicePath(self.device);
  return fileAt(tree, path) ? [] : [{ path, content: self.deviceCertificate }];
}

export function refusalToReply(state: DecisionState, replyTo: CommitId | undefined): Refusal | undefined {
  return replyTo === undefined ? undefined : refusalToReferTo(state, replyTo);
}

/** Replies and reactions name the original of something that people see by itself. */
export function refusalToReferTo(state: DecisionState, message: CommitId): Refusal | undefined {
  const content = state.said(message)?.content;
  if (!content) return refuse('unknown-message', `there is no message ${message}`);
  const isPart = content.outcome === 'known' && ('edit' in content.event || content.event.kind === 'reaction-added');
  if (content.outcome !== 'merge' && !isPart) return undefined;
  return refuse('not-shown', `${message} is not shown by itself; name the message that it belongs to`);
}
