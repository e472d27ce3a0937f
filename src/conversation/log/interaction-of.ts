import { decode } from '../../events/decode.ts';
import type { Interaction } from '../../events/interaction.ts';
import type { Commit } from '../commit.ts';
import { findAuthor } from '../judge/signer.ts';
import type { HistoryReader } from './history-reader.ts';

/** What a commit says, without its place in an order. */
export type UnlinkedInteraction = Omit<Interaction, 'linearizedParent'>;

/** Throws OBJECT_MISSING, OBJECT_CORRUPT. */
export async function interactionOf(history: HistoryReader, commit: Commit): Promise<UnlinkedInteraction> {
  const content = decode(commit.message);
  const author = await findAuthor(history, commit, content);
  return {
    id: commit.id,
    parents: commit.parents,
    ...(author && { author }),
    device: commit.author.device,
    committedAt: commit.committer.seconds,
    content,
  };
}

/**
 * Names for each interaction the one before it, going on after those of `before`.
 * Leaving some out beforehand stitches the rest together.
 */
export function linked(
  ordered: Iterable<UnlinkedInteraction>,
  before: readonly Interaction[] = [],
): readonly Interaction[] {
  const interactions = [...before];
  let previous = before.at(-1)?.id;
  for (const { id, parents, ...rest } of ordered) {
    interactions.push({ id, parents, ...(previous && { linearizedParent: previous }), ...rest });
    previous = id;
  }
  return interactions;
}
