import { List, Map as PersistentMap } from 'immutable';
import type { Chunks } from '../events/chunks.ts';
import { fileIdOf } from '../events/file-id.ts';
import type { Interaction } from '../events/interaction.ts';
import type { FileAnnounced } from '../events/kinds/file.ts';
import type { AccountUri, CommitId, DeviceId, Digest, FileId } from '../ids.ts';
import { CommitTable } from './commit-table.ts';
import type { Projection } from './projection.ts';

/** One announced file, as the log tells it. */
export interface FileAnnouncement {
  /** The announcing commit. */
  readonly interaction: CommitId;
  readonly fileId: FileId;
  readonly displayName: string;
  /** Bytes. */
  readonly totalSize: number;
  readonly digest: Digest;
  readonly author: AccountUri;
  /** The device that announced it, and so the likeliest source. */
  readonly device: DeviceId;
  /** Seconds since the Unix epoch. */
  readonly committedAt: number;
  /** The author took the announcement back. */
  readonly isDeleted: boolean;
  /** Where the author took it back. */
  readonly deletedOn?: DeviceId;
  /** With them, each chunk is checked as it arrives, and several devices may serve at once. */
  readonly chunks?: Chunks;
}

export interface FilesState {
  /** Oldest first. */
  readonly announced: CommitTable<FileAnnouncement>;
  /** Who took back what has not been announced yet. */
  readonly earlyDeletions: PersistentMap<CommitId, List<Deletion>>;
}

export interface Deletion {
  readonly by: AccountUri;
  readonly on: DeviceId;
}

/** Every file ever announced in a conversation, the deleted ones included. */
export const files: Projection<FilesState> = {
  name: 'files',
  version: 3,
  initial: { announced: CommitTable.empty(), earlyDeletions: PersistentMap() },
  evolve(state, interaction) {
    const { content, author, device } = interaction;
    // A commit whose author cannot be told speaks for nobody (docs/format.md, "Edits, deletions, reactions").
    if (content.outcome !== 'known' || author === undefined) return state;
    if (content.event.kind === 'file-announced') return announce(state, { ...interaction, author }, content.event);
    if (content.event.kind === 'file-deleted') return takeBack(state, content.event.edit, { by: author, on: device });
    return state;
  },
  concerns: ({ kind }) => kind === 'file-announced' || kind === 'file-deleted',
};

/** Oldest first. */
export function announcedFiles({ announced }: FilesState): Iterable<FileAnnouncement> {
  return announced;
}

type Authored = Interaction & { readonly author: AccountUri };

function announce(state: FilesState, { id, author, device, committedAt }: Authored, event: FileAnnounced): FilesState {
  const { displayName, totalSize, sha3sum: digest, chunks } = event;
  const fileId = fileIdOf(id, event);
  const deletion = state.earlyDeletions.get(id)?.find(({ by }) => by === author);
  return {
    announced: state.announced.with(id, {
      interaction: id,
      fileId,
      displayName,
      totalSize,
      digest,
      author,
      device,
      committedAt,
      isDeleted: deletion !== undefined,
      ...(deletion && { deletedOn: deletion.on }),
      ...(chunks && { chunks }),
    }),
    earlyDeletions: state.earlyDeletions.delete(id),
  };
}

function takeBack(state: FilesState, target: CommitId, deletion: Deletion): FilesState {
  const file = state.announced.get(target);
  if (!file) {
    const earlier = state.earlyDeletions.get(target, List<Deletion>());
    return { ...state, earlyDeletions: state.earlyDeletions.set(target, earlier.push(deletion)) };
  }
  if (file.author !== deletion.by || file.isDeleted) return state;
  const deleted = { ...file, isDeleted: true, deletedOn: deletion.on };
  return { ...state, announced: state.announced.with(target, deleted) };
}
