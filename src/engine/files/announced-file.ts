import type { AnnouncedFile } from '../../fetcher/ports.ts';
import type { ConversationId } from '../../ids.ts';
import type { FileAnnouncement } from '../../projections/files.ts';

/** A projection's announcement in the fetcher's words. */
export function announcedFile(
  { id: conversation }: { readonly id: ConversationId },
  file: FileAnnouncement,
): AnnouncedFile {
  const { interaction, fileId, displayName, totalSize, digest, author, isDeleted, chunks } = file;
  return {
    ...{ conversation, interaction, fileId, displayName, totalSize, digest, author, isDeleted },
    ...(chunks && { chunks }),
  };
}
