import type { UnlinkedInteraction } from '../../../src/conversation/log/interaction-of.ts';
import { InteractionStore, type Rows } from '../../../src/conversation/log/interaction-store.ts';

/** Interactions as a checkpoint keeps them; the parents of a later stretch may lie in an earlier one. */
export function rowsOf(interactions: readonly UnlinkedInteraction[]): Rows[] {
  const store = new InteractionStore();
  for (const one of interactions) store.add(one);
  return interactions.length === 0 ? [] : [store.rows(0, store.size)];
}

/** What was said in stretches that follow each other. */
export function saidIn(stretches: readonly Rows[]): readonly UnlinkedInteraction[] {
  const store = new InteractionStore();
  for (const rows of stretches) store.addRows(rows);
  return Array.from({ length: store.size }, (_, row) => store.at(row));
}
