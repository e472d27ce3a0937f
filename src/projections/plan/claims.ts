/** The room that is set aside for files under way, so that what is asked for next cannot take it. */
import { Map as PersistentMap } from 'immutable';
import type { CommitId, ConversationId } from '../../ids.ts';
import { bytesOf } from '../journal/held-bytes.ts';
import type { KnownFile } from './serving-order.ts';

/** What the files under way still lack, in bytes. */
export interface Claims {
  readonly total: number;
  readonly byConversation: PersistentMap<ConversationId, number>;
  /** The files themselves. */
  readonly files: PersistentMap<CommitId, number>;
}

export const noClaims: Claims = { total: 0, byConversation: PersistentMap(), files: PersistentMap() };

/** The file has its room, as much as it lacks now: once, however many devices send it. */
export function withClaim(claims: Claims, known: KnownFile): Claims {
  return changed(claims, known, lackingOf(known));
}

export function withoutClaim(claims: Claims, file: FileOfConversation): Claims {
  const { total, byConversation, files } = changed(claims, file, 0);
  return { total, byConversation, files: files.delete(file.file.interaction) };
}

type FileOfConversation = Pick<KnownFile, 'conversation' | 'file'>;

function changed(claims: Claims, { conversation, file }: FileOfConversation, bytes: number): Claims {
  const before = claims.files.get(file.interaction);
  if (before === bytes) return claims;
  const more = bytes - (before ?? 0);
  return {
    total: claims.total + more,
    byConversation: claims.byConversation.update(conversation, 0, (sum) => sum + more),
    files: claims.files.set(file.interaction, bytes),
  };
}

/** Bytes that are not here yet. */
export function lackingOf({ file, record }: Pick<KnownFile, 'file' | 'record'>): number {
  return Math.max(0, file.totalSize - bytesOf(record));
}
