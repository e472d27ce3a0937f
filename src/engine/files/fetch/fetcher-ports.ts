/** The fetcher's view of the log, the journal and the network. */
import { messageOf, SyncError } from '../../../errors.ts';
import { knownFrom } from '../../../fetcher/disk/scan-records.ts';
import type { FetcherOptions } from '../../../fetcher/fetcher-options.ts';
import type { LogView } from '../../../fetcher/ports.ts';
import type { ConversationId } from '../../../ids.ts';
import type { LiveConversation } from '../../conversations/live-conversation.ts';
import type { Messenger } from '../../devices/messenger.ts';
import type { EngineParts } from '../../engine-parts.ts';
import type { NetPort } from '../../net-slot.ts';
import { announcedFile } from '../announced-file.ts';
import type { TransferNews } from '../progress/transfer-news.ts';
import { withPaths } from '../views/with-paths.ts';

export interface FetcherPortsParts extends EngineParts {
  readonly messenger: Pick<Messenger, 'send'>;
  readonly net: Pick<NetPort, 'openChannel' | 'links'>;
  readonly news: Pick<TransferNews, 'moved' | 'arrived'>;
}

export function fetcherOptions(parts: FetcherPortsParts): FetcherOptions {
  const {
    keys,
    keeper,
    live,
    digester,
    batchDisk,
    checker,
    chunkLists,
    clock,
    bandwidth,
    progress,
    news,
    log,
    signal,
  } = parts;
  return {
    self: keys,
    log: logView(live),
    digester,
    checker,
    chunkLists,
    batchDisk,
    clock,
    signal,
    storeOf: (conversation) => liveOf(live, conversation).store,
    record: async (...records) => keeper.recordAll(withPaths(records, parts.net.links)),
    paceOf: bandwidth.paceOf,
    knownFile: ({ interaction }) => knownFrom(keeper.state())(interaction),
    checkedBytes: ({ interaction }) => keeper.state().files.get(interaction)?.checked ?? [],
    wishOf: ({ interaction }) => keeper.state().files.get(interaction)?.wish,
    openChannel: (device, name, options) => parts.net.openChannel(device, name, options),
    async sendMessage(device, type, content) {
      if (!(await parts.messenger.send(device, { type, content }))) throw new SyncError('DEVICE_NOT_FOUND', { device });
    },
    onProgress(moved) {
      progress.note(moved);
      news.moved(moved.file, moved.direction);
    },
    onFileProgress(moved) {
      progress.noteFile(moved);
      if (moved.verified < moved.file.totalSize) news.moved(moved.file, 'receiving');
      else news.arrived(moved.file);
    },
    onTold(told) {
      progress.noteTold(told);
      news.moved(told.file, 'serving');
    },
    onFailed: (error) => log.warn('a file could not be moved', { reason: messageOf(error) }),
  };
}

function logView(live: ReadonlyMap<ConversationId, LiveConversation>): LogView {
  return {
    hasConversation: (conversation) => live.has(conversation),
    isActiveMember: (conversation, account, device) => live.get(conversation)?.isActive(account, device) ?? false,
    announcedFile(id, interaction) {
      const conversation = live.get(id);
      if (!conversation?.has(interaction)) return 'unknown';
      const file = conversation.states().files.announced.get(interaction);
      return file ? announcedFile(conversation, file) : 'not-a-file';
    },
  };
}

function liveOf(live: ReadonlyMap<ConversationId, LiveConversation>, id: ConversationId): LiveConversation {
  const conversation = live.get(id);
  if (!conversation) throw new SyncError('CONVERSATION_UNKNOWN', { conversation: id });
  return conversation;
}
