import type { CommitId } from '../../ids.ts';
import { TIMELINE_PAGE } from '../../limits.ts';
import type { Word } from '../../projections/journal/words.ts';
import { historyPage } from '../../projections/timeline/timeline-page.ts';
import type { ConversationChange, ConversationHandle, EngineChange } from '../engine.ts';
import type { EngineParts } from '../engine-parts.ts';
import { type FetchParts, fetchFiles } from '../files/fetch/fetch-files.ts';
import { findFile } from '../files/file-argument.ts';
import { openReadStream, type ReadParts } from '../files/open-read-stream.ts';
import { sendFile } from '../files/send-file.ts';
import { explainFilePolicy } from '../files/views/explain-file-policy.ts';
import { transferViews } from '../files/views/transfer-views.ts';
import { waitingViews } from '../files/views/waiting-views.ts';
import { fileHolders, whyFile } from '../files/views/why-file.ts';
import type { Intents } from '../intents.ts';
import { holdingBan } from './ban-view.ts';
import { createWrites } from './create-writes.ts';
import type { LiveConversation } from './live-conversation.ts';
import { findMember } from './member-argument.ts';
import { findMessage } from './message-argument.ts';

export type HandleParts = EngineParts & FetchParts & { readonly intents: Intents } & ReadParts;

/** One conversation as the library's users hold it. */
export function createHandle(conversation: LiveConversation, parts: HandleParts): ConversationHandle {
  const { intents, feed, signal: ending } = parts;
  return {
    id: conversation.id,
    mode: conversation.log.mode() ?? 'invites-only',
    ...createWrites(conversation, intents),
    findMessage: (word) => findMessage(conversation, word),
    findMember: (word) => findMember(conversation, word),
    sendFile: (path, options) => sendFile(conversation, parts, { path, ...options }),
    timeline: ({ before, limit = TIMELINE_PAGE } = {}) =>
      historyPage(conversation.history(), { limit, ...(before && { before }) }, conversation.entryFolds),
    members: conversation.members,
    heldBan: () => holdingBan(conversation, parts.keeper.state()),
    findFile: (word) => findFile(conversation, word),
    why: (interaction) => whyFile(conversation, interaction, parts),
    holders: (interaction) => fileHolders(conversation, interaction, parts),
    explainPolicy: (interaction) => explainFilePolicy(conversation, interaction, parts),
    transfers: () => transferViews(conversation, parts),
    missing: () => waitingViews(new Map([[conversation.id, conversation]]), parts),
    fetch: (options = {}) => fetchFiles(conversation, parts, options),
    openReadStream: (interaction, options) => openReadStream(conversation, parts, { interaction, ...options }),
    ...wordsFor(conversation, intents),
    changes: ({ signal }) => changes(conversation, feed.subscribe({ signal: AbortSignal.any([signal, ending]) })),
  };
}

function wordsFor(conversation: LiveConversation, intents: Intents): Pick<ConversationHandle, Word> {
  const say = (word: Word) => (interaction: CommitId) => intents.say(conversation, word, interaction);
  return {
    accept: say('accept'),
    refuse: say('refuse'),
    cancel: say('cancel'),
    pause: say('pause'),
    resume: say('resume'),
    retry: say('retry'),
  };
}

async function* changes(
  { id }: LiveConversation,
  all: AsyncIterable<EngineChange>,
): AsyncGenerator<ConversationChange> {
  for await (const { conversation, change } of all) {
    if (change.kind === 'invitation' || change.kind === 'conversation') continue;
    if (conversation === id || conversation === undefined) yield change;
  }
}
