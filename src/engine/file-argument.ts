import { SyncError } from '../errors.ts';
import { announcedFiles, type FileAnnouncement } from '../projections/files.ts';
import type { LiveConversation } from './live-conversation.ts';

/** How a file id begins. */
const BEGINNING = /^([0-9a-f]{1,39}|[0-9a-f]{40}(_.*)?)$/;

/**
 * The announced file that a person means by a word: the interaction that announced it, its file id, or the first digits
 * of either that no other file has. (A file id begins with its interaction, so one comparison does for all.)
 * Deleted files are found as well. Throws USAGE for what can be none of these, INTERACTION_UNKNOWN, FILE_AMBIGUOUS.
 */
export function findFile({ id, states }: Pick<LiveConversation, 'id' | 'states'>, word: string): FileAnnouncement {
  if (!BEGINNING.test(word))
    throw new SyncError('USAGE', {
      detail: `"${word}" is no interaction, no file id, and not the first digits of one.`,
    });
  const matches = [...announcedFiles(states().files)].filter(({ fileId }) => fileId.startsWith(word));
  const [first, ...others] = matches;
  if (!first) throw new SyncError('INTERACTION_UNKNOWN', { conversation: id, interaction: word });
  if (others.length > 0)
    throw new SyncError('FILE_AMBIGUOUS', {
      conversation: id,
      word,
      count: matches.length,
      example: first.interaction,
    });
  return first;
}
