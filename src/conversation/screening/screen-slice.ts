import type { KeyObject } from 'node:crypto';
import { isSyncError } from '../../errors.ts';
import { asCommitId, ID_BYTES, idFromBytes } from '../../id-bytes.ts';
import { verifySync } from '../../identity/signature.ts';
import type { DeviceId, ObjectId } from '../../ids.ts';
import { SCREENING_WORK_BYTES } from '../../limits.ts';
import { type Commit, parseCommit } from '../commit.ts';
import { objectIdOf } from '../repository/objects/object-id.ts';
import { type PackSource, readPacked } from '../repository/packs/packed-object.ts';
import type { GitObject } from '../repository/repository.ts';
import { isOrdinaryText } from '../rules/ordinary.ts';
import type { PackSlice } from './pack-slices.ts';
import { RECORD_BYTES, type ReadsAs, SCREENED_PARENTS, writeRecord } from './screened-record.ts';

/** The key that the device's id stands for, if its certificate is in the tree. */
export type KeyOf = (signer: { readonly device: DeviceId; readonly tree: ObjectId }) => Promise<KeyObject | undefined>;

/**
 * Finds out what can be said of the commits of a slice one by one, signatures included. What is damaged, of no known form,
 * or too much work is left out: whoever judges reads it again and says what is wrong with it.
 */
export async function screenSlice(
  { offsets, ids }: Omit<PackSlice, 'pack'>,
  { source, keyOf }: { readonly source: Omit<PackSource, 'charge'>; readonly keyOf: KeyOf },
): Promise<Uint8Array> {
  let workBytes = 0;
  const charged = { ...source, charge: (bytes: number) => (workBytes += bytes) };
  const records = Buffer.alloc(offsets.length * RECORD_BYTES);
  let rows = 0;
  for (const [place, offset] of offsets.entries()) {
    if (workBytes > SCREENING_WORK_BYTES) break;
    const id = idFromBytes(ids, place * ID_BYTES);
    const commit = commitIn(id, await readIfWhole(charged, offset));
    if (!commit || commit.parents.length > SCREENED_PARENTS) continue;
    const record = records.subarray(rows * RECORD_BYTES, (rows + 1) * RECORD_BYTES);
    writeRecord(record, commit, { readsAs: readingOf(commit), isSigned: await isSigned(commit, keyOf) });
    rows += 1;
  }
  return records.subarray(0, rows * RECORD_BYTES);
}

async function readIfWhole(source: PackSource, offset: number): Promise<GitObject | undefined> {
  try {
    return await readPacked(source, offset);
  } catch (error) {
    if (isSyncError(error)) return undefined;
    throw error;
  }
}

function commitIn(id: ObjectId, object: GitObject | undefined): Commit | undefined {
  if (object?.type !== 'commit' || objectIdOf('commit', object.bytes) !== id) return undefined;
  const read = parseCommit(asCommitId(id), object.bytes);
  return read.outcome === 'parsed' ? read.commit : undefined;
}

function readingOf({ parents, message }: Commit): ReadsAs {
  if (parents.length === 1) return isOrdinaryText(message) ? 'ordinary' : 'other';
  return parents.length === 2 && message.startsWith('Merge commit') ? 'merge' : 'other';
}

async function isSigned({ signature, signedBytes, author, tree }: Commit, keyOf: KeyOf): Promise<boolean> {
  if (!signature) return false;
  const key = await keyOf({ device: author.device, tree });
  return key !== undefined && verifySync(key, signedBytes, signature);
}
