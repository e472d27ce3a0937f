import { SyncError } from '../../errors.ts';
import { announcedFiles, type FileAnnouncement } from '../../projections/files.ts';
import type { LiveConversation } from '../conversations/live-conversation.ts';

/**
 * The announced file that a person means by a word: its name; or the interaction that announced it, its file id, or the
 * first digits of either that no other file has. (A file id begins with its interaction, so one comparison does for all.)
 * A name may look like digits: the ids come first. Deleted files are found as well, by a name that no other file has.
 * Throws INTERACTION_UNKNOWN, AMBIGUOUS.
 */
export function findFile({ id, states }: Pick<LiveConversation, 'id' | 'states'>, word: string): FileAnnouncement {
  const files = [...announcedFiles(states().files)];
  const byId = word === '' ? [] : files.filter(({ fileId }) => fileId.startsWith(word));
  const matches = byId.length > 0 ? byId : filesNamed(files, word);
  const [first, ...others] = matches;
  if (!first) throw new SyncError('INTERACTION_UNKNOWN', { conversation: id, interaction: word });
  if (others.length > 0)
    throw new SyncError('AMBIGUOUS', {
      conversation: id,
      word,
      count: matches.length,
      example: first.interaction,
    });
  return first;
}

function filesNamed(files: readonly FileAnnouncement[], name: string): readonly FileAnnouncement[] {
  const named = files.filter(({ displayName }) => displayName === name);
  const there = named.filter(({ isDeleted }) => !isDeleted);
  return there.length > 0 ? there : named;
}
