import { basename } from 'node:path';
import { newTransferId } from '../conversation/decisions/announce-file.ts';
import { SyncError } from '../errors.ts';
import { fileIdOf } from '../events/file-id.ts';
import { FileId } from '../ids.ts';
import { TIMELINE_PAGE } from '../limits.ts';
import { membersView } from '../projections/members.ts';
import { timelinePage } from '../projections/timeline-page.ts';
import { transfers, transferView } from '../projections/transfers.ts';
import type { ConversationChange, ConversationHandle, SentFile } from './engine.ts';
import type { EngineParts } from './engine-parts.ts';
import { type FetchParts, fetchFiles } from './fetch-files.ts';
import type { Intents } from './intents.ts';
import type { LiveConversation } from './live-conversation.ts';
import { announcedFile } from './planner.ts';
import { statFile } from './stat-file-adapter.ts';
import { waitingViews } from './waiting-views.ts';

export type HandleParts = EngineParts & FetchParts & { readonly intents: Intents };

/** One conversation as the library's users hold it. */
export function createHandle(conversation: LiveConversation, parts: HandleParts): ConversationHandle {
  const { keeper, progress, planner, clock, intents, feed, signal: ending } = parts;
  return {
    id: conversation.id,
    mode: conversation.log.mode() ?? 'invites-only',
    send: (body, { replyTo } = {}) =>
      intents.carryOut(conversation, { kind: 'send-text', body, ...(replyTo && { replyTo }) }),
    invite: (uri) => intents.carryOut(conversation, { kind: 'invite-member', uri }),
    sendFile: (path, options) => sendFile(conversation, parts, { path, ...options }),
    timeline: ({ before, limit = TIMELINE_PAGE } = {}) =>
      timelinePage(conversation.states().timeline, { limit, ...(before && { before }) }),
    members: () => membersView(conversation.states().members),
    transfers: () =>
      transfers(conversation.states().files, keeper.state())
        .filter(({ conversation: id }) => id === conversation.id)
        .map(progress.refresh),
    missing: () => waitingViews(new Map([[conversation.id, conversation]]), { planner, clock }),
    fetch: (options = {}) => fetchFiles(conversation, parts, options),
    cancel(interaction) {
      const file = conversation.states().files.announced.get(interaction);
      if (!file) throw new SyncError('INTERACTION_UNKNOWN', { conversation: conversation.id, interaction });
      intents.cancel(announcedFile(conversation, file));
    },
    changes: ({ signal }) => changes(conversation, feed.subscribe({ signal: AbortSignal.any([signal, ending]) })),
  };
}

async function* changes(
  { id }: LiveConversation,
  all: ReturnType<EngineParts['feed']['subscribe']>,
): AsyncGenerator<ConversationChange> {
  for await (const { conversation, change } of all) {
    if (change.kind !== 'planned' && (conversation === id || conversation === undefined)) yield change;
  }
}

interface SendFile {
  readonly path: string;
  readonly displayName?: string;
  readonly signal?: AbortSignal;
}

/** Hashes, announces, and keeps the bytes under the file's name, ready for whoever asks. */
async function sendFile(
  conversation: LiveConversation,
  parts: HandleParts,
  { path, displayName, signal }: SendFile,
): Promise<SentFile> {
  const { digester, intents, random, keeper, clock, progress } = parts;
  const totalSize = (await statFile(path)).size;
  const sha3sum = await digester.ofFile(path, {
    signal: signal ? AbortSignal.any([signal, parts.signal]) : parts.signal,
  });
  const name = displayName ?? basename(path);
  const tid = newTransferId(random);
  const interaction = await intents.carryOut(conversation, {
    kind: 'announce-file',
    displayName: name,
    sha3sum,
    totalSize,
    tid,
  });
  const fileId = FileId.parse(fileIdOf(interaction.id, { tid, displayName: name }));
  const stamp = await conversation.store.importFile(path, fileId);
  keeper.record({
    kind: 'file-verified',
    conversation: conversation.id,
    interaction: interaction.id,
    fileId,
    ...stamp,
    at: clock.now(),
  });
  await keeper.flushed();
  return {
    interaction,
    fileId,
    transfer: () => {
      const record = keeper.state().files.get(interaction.id);
      const view = record && transferView(conversation.states().files, record, 'serving');
      return view && progress.refresh(view);
    },
  };
}
