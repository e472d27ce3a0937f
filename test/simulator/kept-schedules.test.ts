/** Schedules that once broke a law, by what it was. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenLaws } from './laws.ts';
import { type Schedule, schedules } from './schedule.ts';
import { simulate } from './simulate.ts';

const folder = new URL('kept/', import.meta.url);
const kept = readdirSync(folder).map((name): [string, Schedule] => [
  name.replace('.json', '').replaceAll('-', ' '),
  JSON.parse(readFileSync(new URL(name, folder), 'utf8')),
]);

describe('devices that once did not agree in the end', () => {
  it.each(kept)('do now: %s', async (_, schedule) => {
    expect(brokenLaws(await simulate(schedule))).toEqual([]);
  });
});

describe('a simulation', () => {
  it('goes the same way, to the bit, for the same schedule', async () => {
    for (const schedule of fc.sample(schedules, { seed: 4, numRuns: 5 })) {
      const [once, again] = [await simulate(schedule), await simulate(schedule)];
      expect(again.trace).toBe(once.trace);
      expect(again.figures).toEqual(once.figures);
    }
  });
});
