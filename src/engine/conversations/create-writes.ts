import type { Intents } from '../intents.ts';
import type { ConversationWrites } from './conversation-writes.ts';
import type { LiveConversation } from './live-conversation.ts';
import { voteOn } from './vote-on.ts';

export function createWrites(conversation: LiveConversation, intents: Pick<Intents, 'carryOut'>): ConversationWrites {
  const commit = (intent: Parameters<Intents['carryOut']>[1]) => intents.carryOut(conversation, intent);
  return {
    send: (body, { replyTo } = {}) => commit({ kind: 'send-text', body, ...(replyTo && { replyTo }) }),
    edit: (message, body) => commit({ kind: 'edit-message', message, body }),
    delete: (message) => commit({ kind: 'delete-message', message }),
    react: (message, body) => commit({ kind: 'react', message, body }),
    invite: (uri) => commit({ kind: 'invite-member', uri }),
    ban: (target) => voteOn(conversation, { action: 'ban', target }, commit),
    unban: (target) => voteOn(conversation, { action: 'unban', target }, commit),
    leave: () => commit({ kind: 'leave-conversation' }),
    async updateProfile(changes) {
      const profile = { ...(await conversation.log.profile()), ...changes };
      return commit({ kind: 'update-profile', profile });
    },
    recordCall: (call) => commit({ kind: 'record-call', ...call }),
    startCall: (confId) => commit({ kind: 'start-call', confId }),
    endCall: (confId, duration) => commit({ kind: 'end-call', confId, duration }),
  };
}
