import type { KeyObject } from 'node:crypto';
import { verifySync } from '../../identity/signature.ts';
import type { DeviceId, ObjectId } from '../../ids.ts';
import { isOrdinaryText } from '../rules/ordinary.ts';
import { type PlainCommit, readPlainCommit } from './plain-commit.ts';
import type { ReadsAs, Screened } from './screened-record.ts';

/** The key that the device's id stands for, if its certificate is in the tree. */
export type KeyOf = (signer: { readonly device: DeviceId; readonly tree: ObjectId }) => Promise<KeyObject | undefined>;

/** What can be said of a commit by itself, its signature included; nothing of one that is not plain. The id is the caller's word. */
export async function screenCommit(id: ObjectId, bytes: Uint8Array, keyOf: KeyOf): Promise<Screened | undefined> {
  const commit = readPlainCommit(bytes);
  if (!commit) return undefined;
  const key = await keyOf(commit);
  const isSigned = key !== undefined && verifySync(key, commit.signedBytes, commit.signature);
  return { id, commit, readsAs: readingOf(commit), isSigned };
}

function readingOf({ parents, message }: PlainCommit): ReadsAs {
  if (parents.length === 1) return isOrdinaryText(message) ? 'ordinary' : 'other';
  return parents.length === 2 && message.startsWith('Merge commit') ? 'merge' : 'other';
}
