/**
 * Makes `fixtures/conformance/prime-draws.json` anew: where among the numbers that follow from the kit's seed the primes are of
 * which the keys of everybody in it are made, and those of the accounts of other tests. Takes half a minute. Another seed makes
 * another kit.
 */
import { checkPrimeSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { isUsable } from '../test/simulator/seeded-key.ts';
import { candidatesFor, PRIME_DRAWS, type PrimeDraws } from '../test/support/conformance/seeded-account-keys.ts';

/** Of an account: its authority, itself, its first device. */
const ACCOUNTS = ['alice', 'bob', 'carol', 'dave', 'mallory', 'old', 'stale'];
/** One each. */
const DEVICES = ['alice second', 'bob second', 'stale second'];

type Draws = PrimeDraws[string];

function drawsOf(label: string, count: number): readonly [string, Draws] {
  const candidates = candidatesFor(label);
  const keys: Draws = [];
  while (keys.length < count) {
    const [first, second] = [findPrime(candidates), findPrime(candidates)];
    if (!isUsable(first.prime, second.prime))
      throw new Error(`the primes of ${label} make no key: choose another seed`);
    keys.push([first.others, second.others]);
  }
  return [label, keys];
}

function findPrime(candidates: ReturnType<typeof candidatesFor>): { readonly prime: bigint; readonly others: number } {
  for (let others = 0; ; others += 1) {
    const prime = candidates.after(0);
    if (checkPrimeSync(prime)) return { prime, others };
  }
}

const found = [...ACCOUNTS.map((label) => drawsOf(label, 3)), ...DEVICES.map((label) => drawsOf(label, 1))];
writeFileSync(PRIME_DRAWS, `${JSON.stringify(Object.fromEntries(found), undefined, 2)}\n`);
