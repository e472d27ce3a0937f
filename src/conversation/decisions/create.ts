import type { AccountUri } from '../../ids.ts';
import { adminPath, devicePath, invitedPath } from '../tree-path.ts';
import type { Decision, Self } from './decision.ts';

/** A group that members invite to, or a conversation between two. */
export type CreateConversation =
  | { readonly mode: 'invites-only' }
  | { readonly mode: 'one-to-one'; readonly invited: AccountUri };

/** The founder is its first admin. A conversation between two begins with the other one invited. Format reference §2.6. */
export function create(self: Self, intent: CreateConversation): Decision {
  const event = { kind: 'conversation-created', ...intent } as const;
  const own = [
    { path: adminPath(self.account), content: self.accountCertificate },
    { path: devicePath(self.device), content: self.deviceCertificate },
  ];
  const invitation = intent.mode === 'one-to-one' && intent.invited !== self.account;
  return { event, edits: invitation ? [...own, { path: invitedPath(intent.invited), content: '' }] : own };
}
