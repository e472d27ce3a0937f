import { never } from '../../never.ts';
import { type AnnounceFile, announceFile } from './announce-file.ts';
import type { Decision, DecisionState } from './decision.ts';
import { type DeleteMessage, deleteMessage } from './delete-message.ts';
import { type EditMessage, editMessage } from './edit-message.ts';
import { type InviteMember, inviteMember } from './invite-member.ts';
import { type JoinConversation, joinConversation } from './join-conversation.ts';
import { type LeaveConversation, leaveConversation } from './leave-conversation.ts';
import { type React, react } from './react.ts';
import { type EndCall, endCall, type RecordCall, recordCall, type StartCall, startCall } from './record-call.ts';
import { type SendText, sendText } from './send-text.ts';
import { type UpdateProfile, updateProfile } from './update-profile.ts';
import { type CastVote, castVote, type ResolveVote, resolveVote } from './vote.ts';

/** What a person can want of a conversation that is there. */
export type Intent =
  | SendText
  | EditMessage
  | DeleteMessage
  | React
  | AnnounceFile
  | RecordCall
  | StartCall
  | EndCall
  | InviteMember
  | JoinConversation
  | LeaveConversation
  | CastVote
  | ResolveVote
  | UpdateProfile;

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
    case 'leave-conversation':
      return leaveConversation(state);
    case 'edit-message':
      return editMessage(state, intent);
    case 'react':
      return react(state, intent);
    case 'record-call':
      return recordCall(state, intent);
    case 'start-call':
      return startCall(state, intent);
    case 'end-call':
      return endCall(state, intent);
    case 'cast-vote':
      return castVote(state, intent);
    case 'resolve-vote':
      return resolveVote(state, intent);
    case 'update-profile':
      return updateProfile(state, intent);
    default:
      return never(intent);
  }
}
