import { scheduleStep } from './schedule.ts';
import type { ScheduleState } from './schedule-state.ts';
import type { ScheduleEffect, ScheduleInput } from './schedule-step.ts';

/** Something that happened, with the bytes that came with it. */
export interface Happening {
  readonly input: ScheduleInput;
  readonly bytes?: Uint8Array;
}

export interface RunningSchedule {
  state(): ScheduleState;
  feed(happening: Happening): void;
}

export interface RunScheduleOptions {
  readonly start: ScheduleState;
  /** Nothing is looked at after it. */
  readonly over: AbortSignal;
  /** The state has changed; the effects follow. */
  onStepped(input: ScheduleInput): void;
  perform(effect: ScheduleEffect, happening: Happening): void;
}

/** The effects of one input are carried out before the next input is looked at, even when one of them sets it off. */
export function runSchedule({ start, over, onStepped, perform }: RunScheduleOptions): RunningSchedule {
  const waiting: Happening[] = [];
  let state = start;
  let isRunning = false;

  return {
    state: () => state,
    feed(happening) {
      waiting.push(happening);
      if (isRunning) return;
      isRunning = true;
      for (let next = waiting.shift(); next && !over.aborted; next = waiting.shift()) {
        const step = scheduleStep(state, next.input);
        state = step.state;
        onStepped(next.input);
        for (const effect of step.effects) perform(effect, next);
      }
      isRunning = false;
    },
  };
}
