import { isSyncError } from '../../../errors.ts';
import type { StagedFile } from '../../../fetcher/ports.ts';
import type { DeviceId } from '../../../ids.ts';
import type { Log } from '../../../ports.ts';
import { announcedFiles } from '../../../projections/files.ts';
import type { LiveConversation } from '../../conversations/live-conversation.ts';

export interface RecoverStagedOptions {
  /** This device. */
  readonly self: DeviceId;
  readonly log: Log;
}

/** Places what a killed process of this device had announced already, and lets go of what it had not. */
export async function recoverStaged(
  conversation: LiveConversation,
  { self, log }: RecoverStagedOptions,
): Promise<void> {
  const staged = await stagedOf(conversation, log);
  if (staged.size === 0) return;
  for (const { fileId, device } of announcedFiles(conversation.states().files)) {
    const file = device === self ? staged.get(transferIdOf(fileId)) : undefined;
    if (file && (await conversation.store.stamp(fileId)) === undefined) await file.place(fileId);
  }
  for (const file of staged.values()) await file.discard();
}

/** None where the folder cannot be read: the conversation is of use without them, and they are looked for again at the next start. */
async function stagedOf({ id, store }: LiveConversation, log: Log): Promise<ReadonlyMap<string, StagedFile>> {
  try {
    return await store.staged();
  } catch (error) {
    if (!isSyncError(error, 'FILE_FAILED')) throw error;
    log.warn('cannot look for staged files', { conversation: id, ...error.data });
    return new Map();
  }
}

/** The number in `<commit id>_<tid>.<extension>`. */
function transferIdOf(fileId: string): string {
  return /_([0-9]+)/.exec(fileId)?.[1] ?? '';
}
