/** What a thread found of one commit, as bytes of one length: so it passes between threads, and so it is kept. */
import { asCommitId, ID_BYTES, idFromBytes } from '../../id-bytes.ts';
import type { CommitId, DeviceId, ObjectId } from '../../ids.ts';
import type { CommitNode } from '../graph/commit-node.ts';
import { type PlainCommit, SCREENED_PARENTS } from './plain-commit.ts';

/** How a commit reads by itself, by its text and the number of its parents; what is neither has to be judged as a whole. */
export type ReadsAs = 'ordinary' | 'merge' | 'other';

const DEVICE_BYTES = 32;
const TREE_AT = ID_BYTES;
const DEVICE_AT = TREE_AT + ID_BYTES;
const PARENTS_AT = DEVICE_AT + DEVICE_BYTES;
const TIME_AT = PARENTS_AT + SCREENED_PARENTS * ID_BYTES;
const COUNT_AT = TIME_AT + Float64Array.BYTES_PER_ELEMENT;
const READS_AT = COUNT_AT + 1;
const SIGNED_AT = READS_AT + 1;
export const RECORD_BYTES = SIGNED_AT + 1;

const READS: readonly ReadsAs[] = ['other', 'ordinary', 'merge'];

export interface Screened {
  readonly id: ObjectId;
  readonly commit: PlainCommit;
  readonly readsAs: ReadsAs;
  /** The key that the author's device id stands for made the signature. */
  readonly isSigned: boolean;
}

/** Writes the record that begins at `at`, first of all the commit's id. Returns where it ends. */
export function writeRecord(records: Buffer, at: number, { id, commit, readsAs, isSigned }: Screened): number {
  records.write(id, at, 'hex');
  records.write(commit.tree, at + TREE_AT, 'hex');
  records.write(commit.device, at + DEVICE_AT, 'hex');
  let parentAt = at + PARENTS_AT;
  for (const parent of commit.parents) parentAt += records.write(parent, parentAt, 'hex');
  records.writeDoubleLE(commit.seconds, at + TIME_AT);
  records[at + COUNT_AT] = commit.parents.length;
  records[at + READS_AT] = READS.indexOf(readsAs);
  records[at + SIGNED_AT] = isSigned ? 1 : 0;
  return at + RECORD_BYTES;
}

export function nodeIn(records: Buffer, at: number): CommitNode {
  const parents: CommitId[] = [];
  for (let index = 0; index < parentCountIn(records, at); index += 1)
    parents.push(asCommitId(idFromBytes(records, parentAt(at, index))));
  return { id: asCommitId(idFromBytes(records, at)), parents, committedAt: committedAtIn(records, at) };
}

export function parentCountIn(records: Buffer, at: number): number {
  return records[at + COUNT_AT] ?? 0;
}

/** Where the id of a parent begins, counted from 0, in the record that begins at `at`. */
export function parentAt(at: number, index: number): number {
  return at + PARENTS_AT + index * ID_BYTES;
}

export function readsAsIn(records: Buffer, at: number): ReadsAs {
  return READS[records[at + READS_AT] ?? 0] ?? 'other';
}

export function isSignedIn(records: Buffer, at: number): boolean {
  return records[at + SIGNED_AT] === 1;
}

/** Seconds since the Unix epoch. */
export function committedAtIn(records: Buffer, at: number): number {
  return records.readDoubleLE(at + TIME_AT);
}

export function signerIn(records: Buffer, at: number): { readonly tree: ObjectId; readonly device: DeviceId } {
  const device = records.toString('hex', at + DEVICE_AT, at + PARENTS_AT) as DeviceId;
  return { tree: idFromBytes(records, at + TREE_AT), device };
}

export const hasSameTree = sameBetween(TREE_AT, DEVICE_AT);
/** The same device, and the same tree to say who that is. */
export const hasSameSigner = sameBetween(TREE_AT, PARENTS_AT);

/** Whether two records, given by where they begin, agree in these places. Byte by byte: for so few, a call costs more. */
function sameBetween(start: number, end: number) {
  return (records: Buffer, one: number, other: number): boolean => {
    for (let place = start; place < end; place += 1) if (records[one + place] !== records[other + place]) return false;
    return true;
  };
}
