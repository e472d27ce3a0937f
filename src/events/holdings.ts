/**
 * What a device holds of a conversation's files, packed: the first eight bytes of each announcing commit id, ascending,
 * in base64. Eight bytes tell the files of one conversation apart; a clash costs a request in vain, never a wrong file.
 */
import type { CommitId } from '../ids.ts';

/** The first sixteen hex digits of an announcing commit's id. */
export type HoldingKey = string;

const KEY_DIGITS = 16;
const KEY_BYTES = 8;

export function holdingKey(interaction: CommitId): HoldingKey {
  return interaction.slice(0, KEY_DIGITS);
}

/** Sorted and without repeats, whatever the order it is given. */
export function packHoldings(keys: Iterable<HoldingKey>): string {
  return Buffer.from([...new Set(keys)].sort().join(''), 'hex').toString('base64');
}

/** Undefined for what is not packed holdings. */
export function unpackHoldings(packed: string): readonly HoldingKey[] | undefined {
  const bytes = Buffer.from(packed, 'base64');
  if (bytes.length % KEY_BYTES !== 0 || bytes.toString('base64') !== packed) return undefined;
  const text = bytes.toString('hex');
  return Array.from({ length: bytes.length / KEY_BYTES }, (_, at) =>
    text.slice(at * KEY_DIGITS, (at + 1) * KEY_DIGITS),
  );
}
