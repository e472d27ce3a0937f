import type { CommitId, ObjectId } from '../../ids.ts';
import type { TreeEdit } from '../tree/edit-tree.ts';
import { fileAt, type Tree, type TreeFile } from '../tree/tree.ts';
import { changesBetween } from '../tree/tree-changes.ts';
import { PROFILE_PATH } from '../tree-path.ts';

export interface MergeSide {
  readonly head: CommitId;
  readonly tree: Tree;
}

/** The file at a path as the two sides had it before they parted; disputed when even what they come from is of two minds. */
export type MergeBase = (path: string) => TreeFile | undefined | 'disputed';

/**
 * What turns our tree into the merged one: whole files, each path from the side that changed it since `base`, never a file
 * of neither side. What both changed in different ways is settled without asking anybody, and alike on both sides:
 * the profile by the larger head id, as the format's other readers do; a file that one side took away, as a ban or a leave
 * does, stays away; of two certificates the one with the larger blob id is kept. Source: docs/format.md, "Merges";
 * the rest docs/decisions/0016-bans-in-concurrent-histories.md.
 */
export function mergeTrees(base: MergeBase, ours: MergeSide, theirs: MergeSide): readonly TreeEdit[] {
  return changesBetween(ours.tree, theirs.tree).flatMap(({ path, before: our, after: their }) => {
    const taken = isTakenFromTheirs(base(path), our, their) ?? isTheirsPreferred(path, { our, their, ours, theirs });
    return taken ? [{ path, blob: their?.id }] : [];
  });
}

/**
 * The base over the trees of the best common ancestors. There are several after criss-cross merges; then `commons`, what
 * those come from in turn, tells which of them changed a file.
 */
export function mergeBaseOf(bases: readonly Tree[], commons: readonly Tree[]): MergeBase {
  return (path) => {
    const files = distinct(bases.map((tree) => fileAt(tree, path)));
    const before = distinct(commons.map((tree) => fileAt(tree, path)));
    const changed = before.length === 1 ? files.filter((file) => !isSame(file, before[0])) : [];
    if (files.length < 2) return files[0];
    return changed.length === 1 ? changed[0] : 'disputed';
  };
}

/** Undefined when both sides changed the file. */
function isTakenFromTheirs(old: ReturnType<MergeBase>, our: FileId | undefined, their: FileId | undefined) {
  if (old === 'disputed') return undefined;
  if (isSame(old, their)) return false;
  return isSame(old, our) ? true : undefined;
}

interface Conflict {
  readonly our: FileId | undefined;
  readonly their: FileId | undefined;
  readonly ours: MergeSide;
  readonly theirs: MergeSide;
}

function isTheirsPreferred(path: string, { our, their, ours, theirs }: Conflict): boolean {
  if (path === PROFILE_PATH) return theirs.head > ours.head;
  if (!our || !their) return their === undefined;
  return their.id > our.id;
}

interface FileId {
  readonly id: ObjectId;
}

/** No rule admits another mode than a plain file's. */
function isSame(a: FileId | undefined, b: FileId | undefined): boolean {
  return a?.id === b?.id;
}

function distinct(files: readonly (TreeFile | undefined)[]): readonly (TreeFile | undefined)[] {
  return files.filter((file, at) => files.findIndex((other) => isSame(file, other)) === at);
}
