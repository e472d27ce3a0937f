import type { Interaction } from '../../src/events/interaction.ts';
import type { CommitId } from '../../src/ids.ts';

/** How many merges of a history brought the device that made them nothing but other merges: two had merged the same heads. */
export function idleMerges(history: readonly Interaction[]): number {
  /** What each commit descends from, itself included, merges left out. */
  const said = new Map<CommitId, ReadonlySet<CommitId>>();
  let idle = 0;
  for (const { id, parents, content } of history) {
    const [ours, theirs] = parents.map((parent) => said.get(parent) ?? new Set<CommitId>());
    if (ours && theirs && [...theirs].every((one) => ours.has(one))) idle += 1;
    const own = content.outcome === 'merge' ? [] : [id];
    said.set(id, new Set([...(ours ?? []), ...(theirs ?? []), ...own]));
  }
  return idle;
}
