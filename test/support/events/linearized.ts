import type { Interaction } from '../../../src/events/interaction.ts';
import { type Heading, kindOf, type LinearizedHistory, targetOf } from '../../../src/events/linearized-history.ts';

/** A history of interactions in their order, each as it is. */
export function linearizedFrom(given: readonly Interaction[]): LinearizedHistory {
  const interactions = [...given];
  const positions = new Map(interactions.map(({ id }, position) => [id, position]));
  const headings = new Map<string, Heading>();
  const at = (position: number) => {
    const one = interactions[position];
    if (!one) throw new RangeError(`there is no position ${position}`);
    return one;
  };
  return {
    length: interactions.length,
    at,
    idAt: (position) => at(position).id,
    heading(position) {
      const { author, device, content } = at(position);
      const heading: Heading = { kind: kindOf(content), ...(author && { author }), device };
      const key = JSON.stringify(heading);
      if (!headings.has(key)) headings.set(key, heading);
      return headings.get(key) ?? heading;
    },
    positionOf: (id) => positions.get(id),
    changesOf(position) {
      const { id } = at(position);
      return interactions.flatMap(({ content }, place) => (targetOf(content) === id ? [place] : []));
    },
  };
}

/** All that is said in a history, oldest first. */
export function allOf(history: LinearizedHistory | undefined): readonly Interaction[] {
  return Array.from({ length: history?.length ?? 0 }, (_, position) => history?.at(position)).flatMap(
    (one) => one ?? [],
  );
}
