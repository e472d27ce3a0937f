import type { AccountUri } from '../../ids.ts';
import { adminPath, devicePath, invitedPath } from '../tree-path.ts';
import type { Decision, Self } from './decision.ts';

/** The modes of a group: who may invite to it. `public` is known to the format, which gives it no rule of its own. */
export const GROUP_MODES = ['invites-only', 'admin-invites-only', 'public'] as const satisfies readonly GroupMode[];
export type GroupMode = 'invites-only' | 'admin-invites-only' | 'public';

/** A group, or a conversation between two. */
export type CreateConversation =
  | { readonly mode: GroupMode }
  | { readonly mode: 'one-to-one'; readonly invited: AccountUri };

/** The founder is its first admin. A conversation between two begins with the other one invited. */
export function create(self: Self, intent: CreateConversation): Decision {
  const event = { kind: 'conversation-created', ...intent } as const;
  const own = [
    { path: adminPath(self.account), content: self.accountCertificate },
    { path: devicePath(self.device), content: self.deviceCertificate },
  ];
  const invitation = intent.mode === 'one-to-one' && intent.invited !== self.account;
  return { event, edits: invitation ? [...own, { path: invitedPath(intent.invited), content: '' }] : own };
}
