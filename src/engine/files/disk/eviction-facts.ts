/** What is to be known to make room, but for whose room it is. */
import type { EvictionInput } from '../../../projections/policy/evictions.ts';
import type { EngineParts } from '../../engine-parts.ts';
import type { Planner } from '../fetch/planner.ts';

export interface EvictionFactsParts extends Pick<EngineParts, 'live'> {
  readonly keys: Pick<EngineParts['keys'], 'account' | 'device'>;
  readonly planner: Pick<Planner, 'world'>;
}

export function evictionFacts({ keys, live, planner }: EvictionFactsParts): Omit<EvictionInput, 'wanted'> {
  const { journal, policy, room, sourcesOf } = planner.world();
  const conversations = [...live.values()].map(({ id, states }) => ({
    conversation: id,
    files: states().files,
    others: sourcesOf(id),
  }));
  return { policy, journal, room, self: keys, conversations };
}
