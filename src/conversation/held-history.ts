import type { Interaction } from '../events/interaction.ts';
import type { CommitId } from '../ids.ts';
import { CommitGraph } from './graph/commit-graph.ts';
import { growOrder } from './graph/grow-order.ts';
import { jamiOrder } from './graph/jami-order.ts';
import { linked, type UnlinkedInteraction } from './interaction-of.ts';

/** Interactions in memory, in the canonical order, which grows where something comes in. */
export interface HeldHistory {
  readonly graph: CommitGraph;
  said(commit: CommitId): UnlinkedInteraction | undefined;
  /** A list once handed out does not change. */
  canonical(): readonly Interaction[];
  jami(head: CommitId): readonly Interaction[];
  /** Takes in what is not there yet, parents before children. Returns it in canonical order. */
  take(read: readonly UnlinkedInteraction[]): readonly Interaction[];
}

export function createHeldHistory(): HeldHistory {
  const graph = new CommitGraph();
  const known = new Map<CommitId, UnlinkedInteraction>();
  let canonical: readonly Interaction[] = [];
  let jami: { readonly head: CommitId; readonly list: readonly Interaction[] } | undefined;

  return {
    graph,
    said: (commit) => known.get(commit),
    canonical: () => canonical,
    jami(head) {
      if (jami?.head !== head)
        jami = { head, list: linked(jamiOrder(graph, head).flatMap(({ id }) => known.get(id) ?? [])) };
      return jami.list;
    },
    take(read) {
      for (const one of read) {
        graph.add(one);
        known.set(one.id, one);
      }
      const { order, from } = growOrder(canonical, read);
      const moved = order.slice(from).flatMap(({ id }) => known.get(id) ?? []);
      canonical = linked(moved, canonical.slice(0, from));
      const fresh = new Set(read.map(({ id }) => id));
      return canonical.slice(from).filter(({ id }) => fresh.has(id));
    },
  };
}
