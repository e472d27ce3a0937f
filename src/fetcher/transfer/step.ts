/** What a step machine answers to an input: where it stands now, and what is to be done, in this order. */
export interface Step<State, Effect> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export function stay<State>(state: State): Step<State, never> {
  return { state, effects: [] };
}

export function move<State, Effect>(state: State, ...effects: Effect[]): Step<State, Effect> {
  return { state, effects };
}

/** Both steps as one. */
export function andThen<State, Effect>(
  { state, effects }: Step<State, Effect>,
  next: (state: State) => Step<State, Effect>,
): Step<State, Effect> {
  const second = next(state);
  return { state: second.state, effects: [...effects, ...second.effects] };
}
