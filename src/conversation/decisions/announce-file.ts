import type { Chunks } from '../../events/chunks.ts';
import { isSafeDisplayName } from '../../events/file-id.ts';
import type { CommitId, Digest } from '../../ids.ts';
import { DISPLAY_NAME_CHARACTERS } from '../../limits.ts';
import type { Random } from '../../ports.ts';
import { type Decision, type DecisionState, refuse } from './decision.ts';
import { ownDeviceFile, refusalToReply, refusalToTakePart } from './take-part.ts';

export interface AnnounceFile {
  readonly kind: 'announce-file';
  readonly displayName: string;
  /** SHA3-512 of the content. */
  readonly sha3sum: Digest;
  /** Bytes. */
  readonly totalSize: number;
  /** Tells two announcements of one file apart; see `newTransferId`. */
  readonly tid: string;
  readonly replyTo?: CommitId;
  readonly chunks?: Chunks;
}

export function announceFile(state: DecisionState, intent: AnnounceFile): Decision {
  const { displayName, replyTo } = intent;
  const refusal = refusalToTakePart(state) ?? refusalToReply(state, replyTo);
  if (refusal) return refusal;
  if (displayName.length > DISPLAY_NAME_CHARACTERS)
    return refuse('too-long', `a file's name has at most ${DISPLAY_NAME_CHARACTERS} characters`);
  if (!isSafeDisplayName(displayName)) return refuse('unsafe-name', 'the file’s extension would leave its folder');
  const { kind: _, ...file } = intent;
  return { event: { kind: 'file-announced', ...file }, edits: ownDeviceFile(state) };
}

/** Random decimal digits, as many as other writers use. */
export function newTransferId(random: Random): string {
  return String(1 + random.below(Number.MAX_SAFE_INTEGER - 1));
}
