import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenLaws } from './laws.ts';
import { schedules } from './schedule.ts';
import { simulate } from './simulate.ts';

export interface Seeds {
  readonly seed: number;
  readonly runs: number;
}

/**
 * The laws of docs/convergence.md on many schedules. A failing one is not made smaller here, as that can take long:
 * `npm run soak -- replicas` does.
 */
export function describeConvergence({ seed, runs }: Seeds): void {
  describe('devices that write, lose each other and crash', () => {
    it(`agree in the end: ${runs} schedules from seed ${seed}`, async () => {
      let conflicts = 0;
      const agree = fc.asyncProperty(schedules, async (schedule) => {
        const simulation = await simulate(schedule);
        const broken = brokenLaws(simulation);
        if (broken.length > 0) throw new Error(broken.join('; '));
        conflicts += simulation.figures.profileConflicts;
      });
      await fc.assert(agree, { seed, numRuns: runs, endOnFailure: true });
      expect(conflicts, 'profiles that two heads had changed').toBeGreaterThan(runs / 20);
    });
  });
}
