/**
 * What devices tell each other beside commits and files: one JSON object `{type, content}` a message, on the channel
 * `msg:<receiving device>`. Types and contents: docs/protocol.md, 6.
 */
import * as z from 'zod';
import { SyncError } from '../../errors.ts';
import { MODES } from '../../events/kinds/conversation-created.ts';
import { FILE_ANSWER_TYPE, FILE_REQUEST_TYPE } from '../../events/peer/file-request.ts';
import { CommitId, ConversationId, DeviceId } from '../../ids.ts';
import { CONTROL_MESSAGE_BYTES, TITLE_CHARACTERS } from '../../limits.ts';

/** A new head: `commit` is what `deviceId` has now in the conversation `id`. */
export const CommitAnnouncement = z.object({ id: ConversationId, commit: CommitId, deviceId: DeviceId });
export type CommitAnnouncement = z.infer<typeof CommitAnnouncement>;

export const Invite = z.object({
  conversationId: ConversationId,
  metadatas: z.object({
    mode: z
      .number()
      .int()
      .min(0)
      .max(MODES.length - 1),
    title: z.string().max(TITLE_CHARACTERS).optional(),
  }),
  /** Milliseconds since the Unix epoch. */
  receivedMs: z.number().int().nonnegative(),
});
export type Invite = z.infer<typeof Invite>;

export const PEER_MESSAGE_TYPES = {
  announcement: 'application/im-gitmessage-id',
  invite: 'application/invite+json',
  request: FILE_REQUEST_TYPE,
  answer: FILE_ANSWER_TYPE,
  revocation: 'application/revocation+json',
  ban: 'application/ban+json',
  conversations: 'application/conversations+json',
} as const;

const PeerMessage = z.object({ type: z.string().max(100), content: z.unknown() });
export type PeerMessage = z.infer<typeof PeerMessage>;

export function encodePeerMessage(message: PeerMessage): Uint8Array {
  return Buffer.from(JSON.stringify(message));
}

/** Throws PROTOCOL_BROKEN for what is no message, LIMIT_EXCEEDED for one that is too long. */
export function decodePeerMessage(bytes: Uint8Array): PeerMessage {
  if (bytes.length > CONTROL_MESSAGE_BYTES) {
    throw new SyncError('LIMIT_EXCEEDED', {
      what: 'A message of a device',
      limit: CONTROL_MESSAGE_BYTES,
      actual: bytes.length,
    });
  }
  try {
    return PeerMessage.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (cause) {
    throw new SyncError(
      'PROTOCOL_BROKEN',
      { protocol: 'message', detail: 'it is no JSON object with a type' },
      { cause },
    );
  }
}

/** `msg:<device>`: the name of the channel on which that device is told things. */
export function messageChannelOf(device: DeviceId): string {
  return `msg:${device}`;
}

/** `git://<device>/<conversation>`: commits of the conversation as that device has them. */
export function gitChannelOf(device: DeviceId, conversation: ConversationId): string {
  return `git://${device}/${conversation}`;
}
