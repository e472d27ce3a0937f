/**
 * The keys of the conformance kit's people. They follow from a seed, and everybody may know them: an account that has some is the
 * same in every run, serial numbers included. Looking for a prime takes half a second, so `prime-draws.json` says for each which
 * of the numbers drawn are prime, and nobody waits.
 */
import { createHash, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Random } from '../../../src/ports.ts';
import { createSeededRandom } from '../../simulator/random.ts';
import { drawCandidate, keyOf } from '../../simulator/seeded-key.ts';

const SEED = 'swarmlog conformance kit 1';
export const PRIME_DRAWS = join(import.meta.dirname, '../../../fixtures/conformance/prime-draws.json');
export const KEY_BITS = 2048;

/** By label, for each of its keys: after how many candidates that are no prime the first one comes, and then the second one. */
export const PrimeDraws = z.record(z.string(), z.array(z.tuple([z.int().nonnegative(), z.int().nonnegative()])));
export type PrimeDraws = z.infer<typeof PrimeDraws>;

export interface SeededKeys {
  /** In the order in which they are asked for. */
  readonly keys: readonly KeyObject[];
  /** For whatever else is drawn for the same account. */
  readonly random: Random;
}

let draws: PrimeDraws | undefined;

/** Undefined for a label that has none. */
export function seededKeys(label: string): SeededKeys | undefined {
  draws ??= PrimeDraws.parse(JSON.parse(readFileSync(PRIME_DRAWS, 'utf8')));
  const candidates = candidatesFor(label);
  const keys = draws[label]?.map(([first, second]) => {
    const p = candidates.after(first);
    return keyOf(p, candidates.after(second));
  });
  return keys && { keys, random: randomOf(label) };
}

/** The numbers among which the primes of a label are. */
export function candidatesFor(label: string) {
  const random = randomOf(`${SEED} ${label}`);
  return {
    /** The one that comes after so many others. */
    after(others: number): bigint {
      random.bytes((others * KEY_BITS) / 16);
      return drawCandidate(random, KEY_BITS / 2);
    },
  };
}

function randomOf(text: string): Random {
  return createSeededRandom(createHash('sha256').update(text).digest().readUInt32BE(0));
}
