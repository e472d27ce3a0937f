/** What a thread found of one commit, as bytes of one length: so it passes between threads, and so it is kept. */

import { asCommitId, ID_BYTES, idFromBytes } from '../../id-bytes.ts';
import type { CommitId, DeviceId, ObjectId } from '../../ids.ts';
import type { CommitNode } from '../graph/commit-node.ts';
import { type PlainCommit, SCREENED_PARENTS } from './plain-commit.ts';

/** How a commit reads by itself, by its text and the number of its parents; what is neither has to be judged as a whole. */
export type ReadsAs = 'ordinary' | 'merge' | 'other';

export interface Finding {
  readonly readsAs: ReadsAs;
  /** The key that the author's device id stands for made the signature. */
  readonly isSigned: boolean;
}

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

export interface Screened extends Finding {
  readonly id: ObjectId;
  readonly commit: PlainCommit;
}

/** The record begins with the commit's id. */
export function writeRecord(record: Buffer, { id, commit, readsAs, isSigned }: Screened): void {
  record.write(id, 'hex');
  record.write(commit.tree, TREE_AT, 'hex');
  record.write(commit.device, DEVICE_AT, 'hex');
  for (const [place, parent] of commit.parents.entries()) record.write(parent, PARENTS_AT + place * ID_BYTES, 'hex');
  record.writeDoubleLE(commit.seconds, TIME_AT);
  record[COUNT_AT] = commit.parents.length;
  record[READS_AT] = READS.indexOf(readsAs);
  record[SIGNED_AT] = isSigned ? 1 : 0;
}

export function nodeIn(record: Buffer): CommitNode {
  const parents: CommitId[] = [];
  for (const at of parentsIn(record)) parents.push(asCommitId(idFromBytes(record, at)));
  return { id: asCommitId(idFromBytes(record)), parents, committedAt: committedAtIn(record) };
}

/** Where in the record the ids of the parents begin. */
export function* parentsIn(record: Buffer): Iterable<number> {
  for (let place = 0; place < (record[COUNT_AT] ?? 0); place += 1) yield PARENTS_AT + place * ID_BYTES;
}

export function idBytesIn(record: Buffer): Buffer {
  return record.subarray(0, ID_BYTES);
}

/** Of a parent that is there, from 0. */
export function parentIdIn(record: Buffer, index: number): Buffer {
  const at = PARENTS_AT + index * ID_BYTES;
  return record.subarray(at, at + ID_BYTES);
}

export function findingIn(record: Buffer): Finding {
  return { readsAs: READS[record[READS_AT] ?? 0] ?? 'other', isSigned: record[SIGNED_AT] === 1 };
}

/** Seconds since the Unix epoch. */
export function committedAtIn(record: Buffer): number {
  return record.readDoubleLE(TIME_AT);
}

export function signerIn(record: Buffer): { readonly tree: ObjectId; readonly device: DeviceId } {
  const device = record.toString('hex', DEVICE_AT, PARENTS_AT) as DeviceId;
  return { tree: idFromBytes(record, TREE_AT), device };
}

export function hasSameTree(one: Buffer, other: Buffer): boolean {
  return one.compare(other, TREE_AT, DEVICE_AT, TREE_AT, DEVICE_AT) === 0;
}

/** The same device, and the same tree to say who that is. */
export function hasSameSigner(one: Buffer, other: Buffer): boolean {
  return one.compare(other, TREE_AT, PARENTS_AT, TREE_AT, PARENTS_AT) === 0;
}
