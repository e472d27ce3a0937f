/** A pure step machine: what follows from an input, and what is to be done about it. */
export interface Machine<State, Input, Effect> {
  readonly initial: State;
  step(state: State, input: Input): { readonly state: State; readonly effects: readonly Effect[] };
}

/**
 * Feeds a machine one input at a time. An effect that feeds another input (as those that are done at once do) has it
 * looked at after the present ones, so that effects are performed in the order the machine gave them. `tell` hears of each
 * input as it comes, and of each effect before it is performed.
 */
export function createDriver<State, Input, Effect>(
  machine: Machine<State, Input, Effect>,
  perform: (effect: Effect) => void,
  tell: (event: Input | Effect) => void = () => {},
): (input: Input) => void {
  const inputs: Input[] = [];
  let { initial: state } = machine;
  let isRunning = false;

  return (input) => {
    tell(input);
    inputs.push(input);
    if (isRunning) return;
    isRunning = true;
    for (let next = inputs.shift(); next !== undefined; next = inputs.shift()) {
      const { state: following, effects } = machine.step(state, next);
      state = following;
      for (const effect of effects) {
        tell(effect);
        perform(effect);
      }
    }
    isRunning = false;
  };
}
