import type { KeyObject } from 'node:crypto';
import { ID_BYTES, idFromBytes } from '../../id-bytes.ts';
import type { Arrival } from '../repository/receive/arrival.ts';
import { type KeyOf, screenCommit } from './screen-commit.ts';
import { RECORD_BYTES, writeRecord } from './screened-record.ts';

/**
 * As `screenSlice`, of commits whose ids are known to be theirs. Ends before the first one whose author's key is not known yet:
 * the certificate may be further back in the pack, and what is left out now is screened when all of it is there.
 */
export async function screenArrival(
  { ids, bytes, ends }: Omit<Arrival, 'certificates'>,
  keyOf: KeyOf,
): Promise<Uint8Array> {
  const records = Buffer.alloc(ends.length * RECORD_BYTES);
  let written = 0;
  let isKeyMissing = false;
  const noted = (key: KeyObject | undefined) => {
    isKeyMissing = key === undefined;
    return key;
  };
  const keyIfKnown: KeyOf = (signer) => {
    const key = keyOf(signer);
    return key instanceof Promise ? key.then(noted) : noted(key);
  };
  for (const [place, end] of ends.entries()) {
    const id = idFromBytes(ids, place * ID_BYTES);
    const screening = screenCommit(id, bytes.subarray(ends[place - 1] ?? 0, end), keyIfKnown);
    const screened = screening instanceof Promise ? await screening : screening;
    if (isKeyMissing) break;
    if (screened !== undefined) written = writeRecord(records, written, screened);
  }
  return records.subarray(0, written);
}
