import type { AnnouncedFile } from '../../fetcher/ports.ts';
import type { ConversationId } from '../../ids.ts';
import type { FileAnnouncement } from '../../projections/files.ts';

/** An announcement with the conversation that it was made in, which the fetcher has to be told. */
export function announcedFile(
  { id: conversation }: { readonly id: ConversationId },
  { device: _, committedAt: __, deletedOn: ___, ...file }: FileAnnouncement,
): AnnouncedFile {
  return { conversation, ...file };
}
