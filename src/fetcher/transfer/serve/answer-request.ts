import type { DeclineReason, FileRequest } from '../../../events/peer/file-request.ts';
import type { PeerIdentity } from '../../../ports.ts';
import type { FileRecord } from '../../../projections/journal/file-record.ts';
import { withheldBy } from '../../../projections/journal/withheld.ts';
import type { AnnouncedFile, LogView } from '../../ports.ts';

export type RequestVerdict = { readonly serve: AnnouncedFile } | { readonly declined: DeclineReason };

export interface RequestCheck {
  readonly request: FileRequest;
  /** Who asked, as the link proves. */
  readonly peer: PeerIdentity;
  readonly log: LogView;
}

/**
 * Whether the log lets the asking device have the file. Whether this device has it,
 * with the right bytes, is for the disk to say.
 *
 * A stranger learns nothing about the conversation beyond what it named: membership comes before the interaction.
 */
export function answerRequest({ request, peer, log }: RequestCheck): RequestVerdict {
  const { conversation, interaction, deviceId } = request;
  if (deviceId !== peer.device) return { declined: 'not-that-device' };
  if (!log.hasConversation(conversation)) return { declined: 'unknown-conversation' };
  if (!log.isActiveMember(conversation, peer.account, peer.device)) return { declined: 'not-a-member' };
  const file = log.announcedFile(conversation, interaction);
  if (file === 'unknown') return { declined: 'unknown-interaction' };
  if (file === 'not-a-file') return { declined: 'not-a-file' };
  if (file.isDeleted) return { declined: 'deleted' };
  return { serve: file };
}

/** This device's own copy of a file, as far as a look under its name and the user's word tell. */
export interface OwnCopy {
  /** Something stands under the name. */
  readonly isHere: boolean;
  /** The user's latest word. */
  readonly wish: FileRecord['wish'];
}

/** What there is against giving the file away, whoever asks, before its bytes are looked at: that costs most. */
export function reasonToKeep({ isHere, wish }: OwnCopy): DeclineReason | undefined {
  if (!isHere) return 'has-not';
  const withheld = withheldBy(wish);
  return withheld === 'cancelled' ? 'withheld' : withheld;
}
