import { SyncError } from '../../errors.ts';
import type { Fetcher } from '../../fetcher/fetcher.ts';
import type { CommitId } from '../../ids.ts';
import type { LiveConversation } from '../conversations/live-conversation.ts';
import type { ReadStreamOptions } from '../engine.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { Intents } from '../intents.ts';
import { announcedFile } from './announced-file.ts';
import type { Presence } from './disk/presence.ts';

export interface ReadParts extends Pick<EngineParts, 'signal'> {
  readonly intents: Pick<Intents, 'say'>;
  readonly fetcher: Pick<Fetcher, 'read'>;
  readonly presence: Pick<Presence, 'scan'>;
}

/** Checks what is asked at once; the reading begins with the first byte that is taken. */
export function openReadStream(
  conversation: LiveConversation,
  { intents, fetcher, presence, signal: ending }: ReadParts,
  { interaction, start = 0, end, signal }: ReadStreamOptions & { readonly interaction: CommitId },
): AsyncIterable<Uint8Array> {
  const file = conversation.states().files.announced.get(interaction);
  if (!file) throw new SyncError('INTERACTION_UNKNOWN', { conversation: conversation.id, interaction });
  const last = end ?? file.totalSize;
  const isRange = Number.isSafeInteger(start) && Number.isSafeInteger(last) && 0 <= start && start <= last;
  if (!isRange || last > file.totalSize)
    throw new SyncError('USAGE', {
      detail: `The file has ${file.totalSize} bytes; ${start} to ${last} are not all its.`,
    });
  if (file.isDeleted)
    throw new SyncError('REFUSED', { reason: 'deleted', detail: 'the file was taken back by who sent it' });
  return fetcher.read(announcedFile(conversation, file), {
    start,
    end: last,
    signal: signal ? AbortSignal.any([signal, ending]) : ending,
    async onLacking() {
      // A file that was lost a moment ago passes for present until the folder has settled.
      await presence.scan(conversation, [interaction]);
      intents.say(conversation, 'accept', interaction);
    },
  });
}
