import { never } from '../never.ts';
import type { WaitingFile } from '../projections/plan.ts';
import { POLICY_RULES } from '../projections/policy.ts';

/** What a missing file waits for, as a sentence for a person. `now` in milliseconds since the Unix epoch. */
export function explainWaiting({ waitsFor, rule }: WaitingFile, now: number): string {
  switch (waitsFor.step) {
    case 'receive':
      return `it is coming from device ${waitsFor.from.slice(0, 8)}`;
    case 'await-answer':
      return `device ${waitsFor.from.slice(0, 8)} was asked and has ${seconds(waitsFor.until - now)} left to answer`;
    case 'ask':
      return `device ${waitsFor.from.slice(0, 8)} is about to be asked`;
    case 'back-off':
      return `every device was asked in vain; the next try is in ${seconds(waitsFor.until - now)}, or when a device links`;
    case 'await-source':
      return 'no device is known that could hold it';
    case 'await-user':
      return `${POLICY_RULES[rule]}; "fetch" gets it`;
    case 'await-slot':
      return 'as many files as may be are under way';
    default:
      return never(waitsFor);
  }
}

function seconds(ms: number): string {
  return `${Math.max(0, Math.ceil(ms / 1000))} s`;
}
