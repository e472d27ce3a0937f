/**
 * What a device holds of a conversation's files, packed: the first eight bytes of each announcing commit id, ascending,
 * in base64. Eight bytes tell the files of one conversation apart; a clash costs a request in vain, never a wrong file.
 */
import type { CommitId } from '../ids.ts';

/** The first 52 bits of an announcing commit's id: as many as a number holds exactly. */
export type HoldingKey = number;

const KEY_DIGITS = 16;
const KEY_BYTES = 8;
/** Of the eight bytes, the lower four give this many bits to the key. */
const LOW_BITS = 20;

export function holdingKey(interaction: CommitId): HoldingKey {
  return Number.parseInt(interaction.slice(0, (32 + LOW_BITS) / 4), 16);
}

/** Sorted and without repeats, whatever the order it is given. */
export function packHoldings(interactions: Iterable<CommitId>): string {
  const keys = new Set(Array.from(interactions, (interaction) => interaction.slice(0, KEY_DIGITS)));
  return Buffer.from([...keys].sort().join(''), 'hex').toString('base64');
}

/** Ascending, without repeats; undefined for what is not packed holdings. */
export function unpackHoldings(packed: string): readonly HoldingKey[] | undefined {
  const bytes = Buffer.from(packed, 'base64');
  if (bytes.length % KEY_BYTES !== 0 || bytes.toString('base64') !== packed) return undefined;
  const keys = Array.from({ length: bytes.length / KEY_BYTES }, (_, place) => keyAt(bytes, place * KEY_BYTES));
  return keys.every((key, place) => place === 0 || (keys[place - 1] ?? 0) < key) ? keys : undefined;
}

function keyAt(bytes: Buffer, at: number): HoldingKey {
  return bytes.readUInt32BE(at) * 2 ** LOW_BITS + (bytes.readUInt32BE(at + 4) >>> (32 - LOW_BITS));
}
