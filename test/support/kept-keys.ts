/**
 * Private keys that tests need not make: those of the conformance kit, in the order in which they are asked for. An account that has
 * some is the same in every run, serial numbers included; and nobody waits for its keys.
 */
import { createHash, createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../src/ports.ts';
import { createSeededRandom } from '../simulator/random.ts';

const FILE = join(import.meta.dirname, '../../fixtures/conformance/keys.json');
const KEPT: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, string[]>),
);

export interface KeptKeys {
  readonly keys: readonly KeyObject[];
  /** For whatever else is drawn for the same account. */
  readonly random: Random;
}

/** Undefined for a label that has none. */
export function keptKeys(label: string): KeptKeys | undefined {
  const keys = KEPT.get(label)?.map((pem) => createPrivateKey(pem));
  const seed = createHash('sha256').update(label).digest().readUInt32BE(0);
  return keys && { keys, random: createSeededRandom(seed) };
}
