/** What the control socket can ask about conversations and what is said in them. */
import * as z from 'zod';
import { GROUP_MODES } from '../../conversation/decisions/create.ts';
import { AccountUri } from '../../ids.ts';
import { type Method, OfConversation, written } from './control-method.ts';

const OfText = OfConversation.extend({ text: z.string() });
/** Named as a person does: by an id, or its first digits. */
const OfMessage = OfConversation.extend({ message: z.string() });
const OfMember = OfConversation.extend({ member: z.string() });
const Title = z.string().exactOptional();
const Creation = z.strictObject({
  title: Title,
  mode: z.enum(GROUP_MODES).exactOptional(),
  with: AccountUri.exactOptional(),
});

export const CONVERSATION_METHODS: Readonly<Record<string, Method>> = {
  conversations: ({ conversations }) => ({
    conversations: conversations.list(),
    invitations: conversations.invitations(),
  }),
  async new({ conversations }, params) {
    const conversation = await conversations.create(Creation.parse(params));
    return { conversation: conversation.id };
  },
  async join({ conversations }, params, { signal }) {
    const joined = await conversations.join(OfConversation.parse(params).conversation, { signal });
    return { conversation: joined.id };
  },
  async invite({ conversations }, params) {
    const { conversation, uri } = OfConversation.extend({ uri: AccountUri }).parse(params);
    const handle = conversations.open(conversation);
    const { id } = await handle.invite(uri);
    return written(handle, { interaction: id });
  },
  async leave({ conversations }, params) {
    const handle = conversations.open(OfConversation.parse(params).conversation);
    const { id } = await handle.leave();
    return written(handle, { interaction: id });
  },
  ban: (engine, params) => vote(engine, params, 'ban'),
  unban: (engine, params) => vote(engine, params, 'unban'),
  async profile({ conversations }, params) {
    const { conversation, ...changes } = OfConversation.extend({ title: Title, description: Title }).parse(params);
    const handle = conversations.open(conversation);
    const { id } = await handle.updateProfile(changes);
    return written(handle, { interaction: id });
  },
  async send({ conversations }, params) {
    const { conversation, text, replyTo } = OfText.extend({ replyTo: z.string().exactOptional() }).parse(params);
    const handle = conversations.open(conversation);
    const options = replyTo === undefined ? {} : { replyTo: handle.findMessage(replyTo) };
    const { id } = await handle.send(text, options);
    return written(handle, { interaction: id });
  },
  async edit({ conversations }, params) {
    const { conversation, message, text } = OfMessage.extend({ text: z.string() }).parse(params);
    const handle = conversations.open(conversation);
    const edited = handle.findMessage(message);
    const { id } = await handle.edit(edited, text);
    return written(handle, { interaction: id, edited });
  },
  async react({ conversations }, params) {
    const { conversation, message, reaction } = OfMessage.extend({ reaction: z.string() }).parse(params);
    const handle = conversations.open(conversation);
    const reactedTo = handle.findMessage(message);
    const { id } = await handle.react(reactedTo, reaction);
    return written(handle, { interaction: id, reactedTo });
  },
  async delete({ conversations }, params) {
    const { conversation, message } = OfMessage.parse(params);
    const handle = conversations.open(conversation);
    const deleted = handle.findMessage(message);
    const { id } = await handle.delete(deleted);
    return written(handle, { interaction: id, deleted });
  },
};

async function vote({ conversations }: Parameters<Method>[0], params: Parameters<Method>[1], action: 'ban' | 'unban') {
  const { conversation, member } = OfMember.parse(params);
  const handle = conversations.open(conversation);
  const target = handle.findMember(member);
  const outcome = await handle[action](target);
  if (outcome.outcome === 'voted') return written(handle, { target, ...outcome });
  return written(handle, { target, outcome: outcome.outcome, interaction: outcome.interaction.id });
}
