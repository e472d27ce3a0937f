import { never } from '../../never.ts';
import { type AnnounceFile, announceFile } from './announce-file.ts';
import type { Decision, DecisionState } from './decision.ts';
import { type DeleteMessage, deleteMessage } from './delete-message.ts';
import { type InviteMember, inviteMember } from './invite-member.ts';
import { type JoinConversation, joinConversation } from './join-conversation.ts';
import { type SendText, sendText } from './send-text.ts';
import { type UpdateProfile, updateProfile } from './update-profile.ts';

/** What a person can want of a conversation that is there. */
export type Intent = SendText | AnnounceFile | DeleteMessage | InviteMember | JoinConversation | UpdateProfile;

/** Pure: what to commit for the intent in this state, or why not. */
export function decide(state: DecisionState, intent: Intent): Decision {
  switch (intent.kind) {
    case 'send-text':
      return sendText(state, intent);
    case 'announce-file':
      return announceFile(state, intent);
    case 'delete-message':
      return deleteMessage(state, intent);
    case 'invite-member':
      return inviteMember(state, intent);
    case 'join-conversation':
      return joinConversation(state);
    case 'update-profile':
      return updateProfile(state, intent);
    default:
      return never(intent);
  }
}
