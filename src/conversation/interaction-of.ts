import { type Decoded, decode } from '../events/decode.ts';
import type { Interaction } from '../events/interaction.ts';
import type { CommitId } from '../ids.ts';
import type { HistoryReader } from './history-reader.ts';
import { findAuthor } from './signer.ts';

/** What a commit says, without its place in an order. Throws OBJECT_MISSING, OBJECT_CORRUPT. */
export async function interactionOf(
  history: HistoryReader,
  id: CommitId,
): Promise<Omit<Interaction, 'linearizedParent'>> {
  const commit = await history.commit(id);
  const content: Decoded = decode(commit.message);
  const author = await findAuthor(history, commit, content);
  return {
    id,
    parents: commit.parents,
    ...(author && { author }),
    device: commit.author.device,
    committedAt: commit.committer.seconds,
    content,
  };
}

/** Names for each interaction the one before it. Leaving some out beforehand stitches the rest together. */
export function linked(ordered: Iterable<Omit<Interaction, 'linearizedParent'>>): readonly Interaction[] {
  const interactions: Interaction[] = [];
  let previous: CommitId | undefined;
  for (const { id, ...rest } of ordered) {
    interactions.push({ id, ...rest, ...(previous && { linearizedParent: previous }) });
    previous = id;
  }
  return interactions;
}
