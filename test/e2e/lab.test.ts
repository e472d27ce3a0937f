/** Devices in networks of their own find each other, over the best path that there is, and a file moves. */
import { expect, inject, it } from 'vitest';
import { CASES } from '../lab/cases.ts';
import { runCase } from '../lab/run-case.ts';
import { describeNeeding, networkLab } from '../support/runner/needs.ts';

describeNeeding(networkLab, 'in a network of namespaces', () => {
  const homes = () => ({ folder: inject('homes'), conversation: inject('conversation') });

  for (const labCase of CASES) {
    it(`${labCase.name}: ${labCase.wins.join(' or ')}`, async () => {
      const { path, isVerified } = await runCase(labCase, homes(), 1_000_000);
      expect({ path, isVerified }).toEqual({ path: expect.toBeOneOf([...labCase.wins]), isVerified: true });
    });
  }
});
