import type { DeviceId } from '../../../ids.ts';
import { HOLDINGS_CHANGED_AT_ONCE, HOLDINGS_CHANGED_PER_MINUTE } from '../../../limits.ts';
import type { Clock, Milliseconds } from '../../../ports.ts';

/** What a device may still say otherwise than before, as it stood at a time. */
interface Allowance {
  readonly words: number;
  readonly at: Milliseconds;
}

const MINUTE = 60_000;

/**
 * How often devices may change their minds about what they hold: each change is a line of the journal, which nothing takes
 * away again. First words about announced files are not counted, being as few as there are files.
 */
export function createChangedWords(clock: Pick<Clock, 'now'>): { allows(device: DeviceId, words: number): boolean } {
  const allowances = new Map<DeviceId, Allowance>();

  function left({ words, at }: Allowance, now: Milliseconds): number {
    const earned = (Math.max(0, now - at) / MINUTE) * HOLDINGS_CHANGED_PER_MINUTE;
    return Math.min(HOLDINGS_CHANGED_AT_ONCE, words + earned);
  }

  return {
    allows(device, words) {
      const now = clock.now();
      const before = allowances.get(device);
      const available = before ? left(before, now) : HOLDINGS_CHANGED_AT_ONCE;
      if (words > available) return false;
      if (words > 0) allowances.set(device, { words: available - words, at: now });
      for (const [other, allowance] of allowances)
        if (left(allowance, now) === HOLDINGS_CHANGED_AT_ONCE) allowances.delete(other);
      return true;
    },
  };
}
