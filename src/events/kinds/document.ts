/**
 * `application/collab-doc+json` and `application/checkpoint`: shared documents (docs/format.md, "Commit messages").
 * We read them; we do not write them.
 */
import * as z from 'zod';
import { CommitId } from '../../ids.ts';
import { type WireBody, wireCommitId, wireText } from './wire-body.ts';

const DOCUMENT_TYPE = 'application/collab-doc+json';

export const DocumentAnnounced = z.object({
  kind: z.literal('document-announced'),
  displayName: z.string().min(1).optional(),
  mimeType: z.string().min(1).optional(),
  uri: z.string().min(1),
});
export const DocumentRemoved = z.object({ kind: z.literal('document-removed'), edit: CommitId });
/** Base64 updates, one a line; only in conversations of mode `document`. */
export const CheckpointStored = z.object({ kind: z.literal('checkpoint-stored'), body: z.string() });

export const DocumentEvent = z.discriminatedUnion('kind', [DocumentAnnounced, DocumentRemoved, CheckpointStored]);
export type DocumentEvent = z.infer<typeof DocumentEvent>;

const AnnouncedWire = z.object({ displayName: wireText, mimeType: wireText, uri: z.string().min(1) });
const CheckpointWire = z.object({ body: z.string().default('') });

export function documentFromWire(raw: WireBody): DocumentEvent {
  const edit = wireCommitId.parse(raw['edit']);
  if (edit) return { kind: 'document-removed', edit };
  const { displayName, mimeType, uri } = AnnouncedWire.parse(raw);
  return { kind: 'document-announced', uri, ...(displayName && { displayName }), ...(mimeType && { mimeType }) };
}

export function checkpointFromWire(raw: WireBody): DocumentEvent {
  return { kind: 'checkpoint-stored', body: CheckpointWire.parse(raw).body };
}

export function documentToWire(event: DocumentEvent): WireBody {
  const { kind, ...rest } = event;
  return { type: kind === 'checkpoint-stored' ? 'application/checkpoint' : DOCUMENT_TYPE, ...rest };
}
