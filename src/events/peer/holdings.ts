/**
 * What a device holds of a conversation's files, packed: the first six bytes of each announcing commit id, ascending,
 * in base64. Six bytes tell the files of one conversation apart; a clash costs a request in vain, never a wrong file.
 */
import type { CommitId } from '../../ids.ts';

/** The first 48 bits of an announcing commit's id. */
export type HoldingKey = number;

const KEY_BYTES = 6;
/** No key is larger. */
export const LAST_HOLDING_KEY = 2 ** (8 * KEY_BYTES) - 1;

export function holdingKey(interaction: CommitId): HoldingKey {
  return Number.parseInt(interaction.slice(0, 2 * KEY_BYTES), 16);
}

/** Sorted and without repeats, whatever the order it is given. */
export function packHoldings(keys: Iterable<HoldingKey>): string {
  const sorted = Float64Array.from(new Set(keys)).sort();
  const bytes = Buffer.alloc(sorted.length * KEY_BYTES);
  for (const [place, key] of sorted.entries()) bytes.writeUIntBE(key, place * KEY_BYTES, KEY_BYTES);
  return bytes.toString('base64');
}

/** Ascending, without repeats; undefined for what is not packed holdings. */
export function unpackHoldings(packed: string): readonly HoldingKey[] | undefined {
  const bytes = Buffer.from(packed, 'base64');
  if (bytes.length % KEY_BYTES !== 0 || bytes.toString('base64') !== packed) return undefined;
  const keys = Array.from({ length: bytes.length / KEY_BYTES }, (_, place) =>
    bytes.readUIntBE(place * KEY_BYTES, KEY_BYTES),
  );
  return keys.every((key, place) => place === 0 || (keys[place - 1] ?? 0) < key) ? keys : undefined;
}
