import { messageOf } from '../../../errors.ts';
import type { Interaction } from '../../../events/interaction.ts';
import type { Fetcher } from '../../../fetcher/fetcher.ts';
import type { CommitId } from '../../../ids.ts';
import { announcedFiles, type FileAnnouncement } from '../../../projections/files.ts';
import { removalOf } from '../../../projections/policy/removal.ts';
import type { LiveConversation } from '../../conversations/live-conversation.ts';
import type { EngineParts } from '../../engine-parts.ts';
import { announcedFile } from '../announced-file.ts';

/** Takes away the bytes of files whose messages were deleted. */
export interface Deletions {
  /**
   * Stops what moves of them and removes what the policy says, of these files; of all without them. A file that cannot
   * be removed is reported and tried again at the next start: the log says that it is deleted, until the journal says so too.
   */
  sweep(conversation: LiveConversation, interactions?: readonly CommitId[]): Promise<void>;
}

export interface DeletionsParts
  extends Pick<EngineParts, 'keeper' | 'clock' | 'log' | 'live' | 'policy' | 'signal' | 'chunkLists'> {
  readonly keys: Pick<EngineParts['keys'], 'account' | 'device'>;
  readonly fetcher: Pick<Fetcher, 'cancel'>;
}

export function createDeletions(parts: DeletionsParts): Deletions {
  const { keys, keeper, clock, log, live, policy, fetcher, chunkLists, signal } = parts;

  async function remove({ id: conversation, store }: LiveConversation, file: FileAnnouncement): Promise<void> {
    const { interaction, fileId } = file;
    const record = keeper.state().files.get(interaction);
    if (record?.removed === 'deleted') return;
    const isWhole = removalOf(policy, file, keys) === 'all';
    const wasHere = isWhole ? await store.remove(fileId) : await store.removePartial(fileId);
    if (isWhole) await chunkLists.forget({ ...file, conversation });
    const keepsFile = !isWhole && record?.presence.kind === 'verified';
    if (keepsFile || !(wasHere || record)) return;
    keeper.record({ kind: 'file-removed', conversation, interaction, fileId, why: 'deleted', at: clock.now() });
  }

  async function sweep(conversation: LiveConversation, interactions?: readonly CommitId[]): Promise<void> {
    const files = deletedFiles(conversation, interactions);
    for (const file of files) fetcher.cancel(announcedFile(conversation, file));
    for (const file of files) {
      await remove(conversation, file).catch((error: unknown) =>
        log.warn('a deleted file cannot be removed', { file: file.fileId, reason: messageOf(error) }),
      );
    }
  }

  keeper.listen((records) => {
    for (const record of records) {
      const conversation = record.kind === 'file-verified' ? live.get(record.conversation) : undefined;
      // Its last bytes can arrive at the very moment of the deletion.
      if (record.kind === 'file-verified' && conversation && !signal.aborted)
        void sweep(conversation, [record.interaction]);
    }
  });
  return { sweep };
}

function deletedFiles({ states }: LiveConversation, interactions?: readonly CommitId[]): readonly FileAnnouncement[] {
  const { files } = states();
  const named = interactions?.flatMap((interaction) => files.announced.get(interaction) ?? []);
  return [...(named ?? announcedFiles(files))].filter(({ isDeleted }) => isDeleted);
}

/** The files that these commits delete, or announce: their deletion may have come first. */
export function filesTouchedBy(interactions: readonly Interaction[]): readonly CommitId[] {
  return interactions.flatMap(({ id, content }) => {
    if (content.outcome !== 'known') return [];
    if (content.event.kind === 'file-announced') return [id];
    return content.event.kind === 'file-deleted' ? [content.event.edit] : [];
  });
}
