/** Several projections that are folded side by side. */
import type { Interaction } from '../events/interaction.ts';
import type { Projection } from './projection.ts';

/** Projections by a name of the caller's choice. */
export type ProjectionSet = Readonly<Record<string, Projection<unknown>>>;

/** The state of each projection of a set. */
export type StatesOf<Projections extends ProjectionSet> = {
  readonly [Name in keyof Projections]: Projections[Name] extends Projection<infer State> ? State : never;
};

export function initialStates<Projections extends ProjectionSet>(projections: Projections): StatesOf<Projections> {
  return mapStates(projections, ({ initial }) => initial);
}

export function evolveAll<Projections extends ProjectionSet>(
  projections: Projections,
  states: StatesOf<Projections>,
  interaction: Interaction,
): StatesOf<Projections> {
  return mapStates(projections, (projection, name) => projection.evolve(states[name], interaction));
}

/** As `evolveAll`, when only these are concerned. The very same states when none of them changes. */
export function evolveSome<Projections extends ProjectionSet>(
  projections: Projections,
  concerned: readonly (keyof Projections)[],
  { states, interaction }: { readonly states: StatesOf<Projections>; readonly interaction: Interaction },
): StatesOf<Projections> {
  let after = states;
  for (const name of concerned) {
    const state = projections[name]?.evolve(states[name], interaction);
    if (state !== states[name]) after = { ...after, [name]: state };
  }
  return after;
}

/** The compiler cannot follow that each name keeps its own type of state; both callers see to it. */
function mapStates<Projections extends ProjectionSet>(
  projections: Projections,
  stateOf: (projection: Projection<unknown>, name: keyof Projections) => unknown,
): StatesOf<Projections> {
  const entries = Object.entries(projections).map(([name, projection]) => [name, stateOf(projection, name)]);
  return Object.fromEntries(entries) as StatesOf<Projections>;
}
