/** `application/data-transfer+json`: a file is announced or taken back (docs/format.md, "Commit messages", "Files"). */
import * as z from 'zod';
import { CommitId, Digest } from '../../ids.ts';
import { areChunksOf, Chunks } from '../chunks.ts';
import { isSafeDisplayName } from '../file-id.ts';
import { type WireBody, wireCommitId, wireCount } from './wire-body.ts';

export const FILE_TYPE = 'application/data-transfer+json';

/** Its extension becomes part of a file name on every reader's disk. */
const DisplayName = z.string().refine(isSafeDisplayName, 'has an extension that would leave its folder');

export const FileAnnounced = z.object({
  kind: z.literal('file-announced'),
  displayName: DisplayName,
  /** SHA3-512 of the content. */
  sha3sum: Digest,
  /** Random decimal number that tells two announcements of one file apart. */
  tid: z.string().regex(/^[0-9]{1,20}$/),
  /** Bytes. */
  totalSize: z.number().int().nonnegative(),
  replyTo: CommitId.optional(),
  /** Absent for a short file, and for one that was announced by a writer that knows no chunks. */
  chunks: Chunks.optional(),
});
export type FileAnnounced = z.infer<typeof FileAnnounced>;

/** `edit` is the announcement's commit. */
export const FileDeleted = z.object({ kind: z.literal('file-deleted'), edit: CommitId });
export type FileDeleted = z.infer<typeof FileDeleted>;

const AnnouncedWire = z.object({
  displayName: DisplayName.default(''),
  sha3sum: Digest,
  tid: z.string().regex(/^[0-9]{1,20}$/),
  totalSize: wireCount,
  'reply-to': wireCommitId,
  chunkSize: z.unknown().optional(),
  chunkRoot: z.unknown().optional(),
});

export function fileFromWire(raw: WireBody): FileAnnounced | FileDeleted {
  const edit = wireCommitId.parse(raw['edit']);
  if (edit) return { kind: 'file-deleted', edit };
  const { 'reply-to': replyTo, chunkSize, chunkRoot, ...rest } = AnnouncedWire.parse(raw);
  const chunks = chunksFromWire(rest.totalSize, chunkSize, chunkRoot);
  return { kind: 'file-announced', ...rest, ...(replyTo && { replyTo }), ...(chunks && { chunks }) };
}

/** Chunks that cannot be right are none: the file is as good without them. */
function chunksFromWire(totalSize: number, chunkSize: unknown, chunkRoot: unknown): Chunks | undefined {
  const size = typeof chunkSize === 'string' && /^[1-9][0-9]{0,15}$/.test(chunkSize) ? Number(chunkSize) : undefined;
  const chunks = Chunks.safeParse({ size, root: chunkRoot });
  return chunks.success && areChunksOf(totalSize, chunks.data) ? chunks.data : undefined;
}

export function fileToWire(event: FileAnnounced | FileDeleted): WireBody {
  if (event.kind === 'file-deleted') return { type: FILE_TYPE, edit: event.edit, tid: '' };
  const { displayName, sha3sum, tid, totalSize, replyTo, chunks } = event;
  return {
    type: FILE_TYPE,
    ...(displayName && { displayName }),
    sha3sum,
    tid,
    totalSize: String(totalSize),
    ...(replyTo && { 'reply-to': replyTo }),
    ...(chunks && { chunkSize: String(chunks.size), chunkRoot: chunks.root }),
  };
}
