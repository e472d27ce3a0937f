import type { CommitId } from '../../ids.ts';
import { fileAt } from '../tree/tree.ts';
import { devicePath } from '../tree-path.ts';
import { type Decision, type DecisionState, type FileEdit, refuse } from './decision.ts';

/** Why the device may not commit at all; undefined when it may. */
export function refusalToTakePart({ self, membership }: DecisionState): Decision | undefined {
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

export function refusalToReply(state: DecisionState, replyTo: CommitId | undefined): Decision | undefined {
  if (replyTo === undefined || state.has(replyTo)) return undefined;
  return refuse('unknown-message', `there is no message ${replyTo} to reply to`);
}
