import type { KeyObject } from 'node:crypto';
import { verifySync } from '../../identity/signature.ts';
import type { DeviceId, ObjectId } from '../../ids.ts';
import { isOrdinaryText } from '../rules/ordinary.ts';
import { type PlainCommit, readPlainCommit, signedBytesOf } from './plain-commit.ts';
import type { ReadsAs, Screened } from './screened-record.ts';

type Key = KeyObject | undefined;

/** The key that the device's id stands for, if its certificate is in the tree; at once where it is known already. */
export type KeyOf = (signer: { readonly device: DeviceId; readonly tree: ObjectId }) => Key | Promise<Key>;

type Outcome = Screened | undefined;

/**
 * What can be said of a commit by itself, its signature included; nothing of one that is not plain. The id is the caller's word.
 * The bytes have to stay as they are until it is said. At once where the key is: a promise for each of a hundred thousand
 * costs as much as reading them.
 */
export function screenCommit(id: ObjectId, bytes: Uint8Array, keyOf: KeyOf): Outcome | Promise<Outcome> {
  const commit = readPlainCommit(bytes);
  if (!commit) return undefined;
  const read = { id, bytes, commit };
  const key = keyOf(commit);
  return key instanceof Promise ? key.then((found) => screened(read, found)) : screened(read, key);
}

interface Read extends Pick<Screened, 'id' | 'commit'> {
  readonly bytes: Uint8Array;
}

function screened({ id, bytes, commit }: Read, key: Key): Screened {
  const isSigned = key !== undefined && verifySync(key, signedBytesOf(bytes, commit), commit.signature);
  return { id, commit, readsAs: readingOf(commit), isSigned };
}

function readingOf({ parents, message }: PlainCommit): ReadsAs {
  if (parents.length === 1) return isOrdinaryText(message) ? 'ordinary' : 'other';
  return parents.length === 2 && message.startsWith('Merge commit') ? 'merge' : 'other';
}
