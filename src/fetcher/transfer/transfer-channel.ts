/** `data-transfer://<conversation>/<receiving device>/<fileId>`: the channel a source opens to a receiver (docs/protocol.md, 8). */
import { CommitId, ConversationId, DeviceId, FileId } from '../../ids.ts';

export interface TransferChannelName {
  readonly conversation: ConversationId;
  readonly receiver: DeviceId;
  readonly fileId: FileId;
}

const SCHEME = 'data-transfer://';

export function transferChannelName({ conversation, receiver, fileId }: TransferChannelName): string {
  return `${SCHEME}${conversation}/${receiver}/${fileId}`;
}

/** Undefined for what is no such name. */
export function parseTransferChannelName(name: string): TransferChannelName | undefined {
  if (!name.startsWith(SCHEME)) return undefined;
  const parts = name.slice(SCHEME.length).split('/');
  const conversation = ConversationId.safeParse(parts[0]);
  const receiver = DeviceId.safeParse(parts[1]);
  const fileId = FileId.safeParse(parts[2]);
  if (parts.length !== 3 || !conversation.success || !receiver.success || !fileId.success) return undefined;
  return { conversation: conversation.data, receiver: receiver.data, fileId: fileId.data };
}

/** The interaction that announced the file: the commit id its name begins with (docs/format.md, "Files"). */
export function interactionOfFile(fileId: FileId): CommitId {
  return CommitId.parse(fileId.slice(0, fileId.indexOf('_')));
}
