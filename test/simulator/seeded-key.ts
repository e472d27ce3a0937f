/** RSA keys that follow from a seed alone. Known to whoever reads this: a simulation protects nothing. */
import { checkPrimeSync, createPrivateKey, type KeyObject } from 'node:crypto';
import type { Random } from '../../src/ports.ts';

const EXPONENT = 65_537n;

/** A private key of so many bits. */
export function seededKey(random: Random, bits = 1024): KeyObject {
  for (;;) {
    const [p, q] = [seededPrime(random, bits / 2), seededPrime(random, bits / 2)];
    if (isUsable(p, q)) return keyOf(p, q);
  }
}

/** Whether two primes make a key. */
export function isUsable(p: bigint, q: bigint): boolean {
  return p !== q && ((p - 1n) * (q - 1n)) % EXPONENT !== 0n;
}

/** The private key that two primes make. */
export function keyOf(p: bigint, q: bigint): KeyObject {
  const d = inverse(EXPONENT, (p - 1n) * (q - 1n));
  const numbers = { n: p * q, e: EXPONENT, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const encoded = Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, base64url(number)]));
  return createPrivateKey({ format: 'jwk', key: { kty: 'RSA', ...encoded } });
}

/** Odd, with the two highest bits set, so that the product of two has all its bits. */
export function drawCandidate(random: Random, bits: number): bigint {
  const drawn = BigInt(`0x${Buffer.from(random.bytes(bits / 8)).toString('hex')}`);
  return drawn | (0b11n << BigInt(bits - 2)) | 1n;
}

function seededPrime(random: Random, bits: number): bigint {
  for (;;) {
    const candidate = drawCandidate(random, bits);
    if (checkPrimeSync(candidate)) return candidate;
  }
}

/** Of `value` modulo `modulus`, which have no common divisor: Euclid's algorithm, extended. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [rest, next] = [modulus, value % modulus];
  let [factor, nextFactor] = [0n, 1n];
  while (next > 0n) {
    const times = rest / next;
    [rest, next] = [next, rest - times * next];
    [factor, nextFactor] = [nextFactor, factor - times * nextFactor];
  }
  return factor < 0n ? factor + modulus : factor;
}

function base64url(number: bigint): string {
  const digits = number.toString(16);
  return Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex').toString('base64url');
}
