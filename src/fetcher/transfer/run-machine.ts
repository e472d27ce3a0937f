import type { Step } from './step.ts';
import { onStop, type StopSignals } from './stop-signals.ts';
import type { TransferInput } from './transfer-input.ts';

export interface MachineOptions<State, Input, Effect extends { readonly kind: string }> {
  readonly start: Step<State, Effect>;
  readonly stop: StopSignals;
  step(state: State, input: Input | TransferInput): Step<State, Effect>;
  /** Does, or begins, what the machine wants; what comes of it is fed back as an input. */
  perform(effect: Exclude<Effect, { kind: 'ended' }>): void;
}

export interface Machine<Input, Ended> {
  feed(input: Input | TransferInput): void;
  /** The machine's last effect. */
  readonly ended: Promise<Ended>;
}

/**
 * Runs the step machine of a sub-transfer.
 *
 * Invariant: the effects of one input are begun, in order, before the next input is looked at, even when an effect
 * feeds the machine itself.
 */
export function runMachine<State, Input, Effect extends { readonly kind: string }>(
  options: MachineOptions<State, Input, Effect>,
): Machine<Input, Extract<Effect, { kind: 'ended' }>> {
  const waiting: (Input | TransferInput)[] = [];
  let { state } = options.start;
  let isRunning = false;
  let settle: (ended: Extract<Effect, { kind: 'ended' }>) => void = () => {};
  const ended = new Promise<Extract<Effect, { kind: 'ended' }>>((resolve) => {
    settle = resolve;
  });

  function performAll(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (isEnded(effect)) settle(effect);
      else options.perform(effect as Exclude<Effect, { kind: 'ended' }>);
    }
  }

  function feed(input: Input | TransferInput): void {
    waiting.push(input);
    if (isRunning) return;
    isRunning = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const stepped = options.step(state, next);
      state = stepped.state;
      performAll(stepped.effects);
    }
    isRunning = false;
  }

  performAll(options.start.effects);
  const unsubscribe = onStop(options.stop, (reason) => feed({ kind: 'stopped', reason }));
  void ended.then(unsubscribe);
  return { feed, ended };
}

function isEnded<Effect extends { readonly kind: string }>(
  effect: Effect,
): effect is Extract<Effect, { kind: 'ended' }> {
  return effect.kind === 'ended';
}
