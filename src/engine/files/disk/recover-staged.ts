import type { DeviceId } from '../../../ids.ts';
import { announcedFiles } from '../../../projections/files.ts';
import type { LiveConversation } from '../../conversations/live-conversation.ts';

/** Places what a killed process of this device had announced already, and lets go of what it had not. */
export async function recoverStaged(conversation: LiveConversation, self: DeviceId): Promise<void> {
  const staged = await conversation.store.staged();
  if (staged.size === 0) return;
  for (const { fileId, device } of announcedFiles(conversation.states().files)) {
    const file = device === self ? staged.get(transferIdOf(fileId)) : undefined;
    if (file && (await conversation.store.stamp(fileId)) === undefined) await file.place(fileId);
  }
  for (const file of staged.values()) await file.discard();
}

/** The number in `<commit id>_<tid>.<extension>`. */
function transferIdOf(fileId: string): string {
  return /_([0-9]+)/.exec(fileId)?.[1] ?? '';
}
