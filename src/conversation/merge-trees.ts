import type { CommitId, ObjectId } from '../ids.ts';
import type { TreeEdit } from './tree/edit-tree.ts';
import { fileAt, type Tree } from './tree/tree.ts';
import { changesBetween } from './tree/tree-changes.ts';
import { PROFILE_PATH } from './tree-path.ts';

export interface MergeSide {
  readonly head: CommitId;
  readonly tree: Tree;
}

/** What turns our tree into the merged one, or the paths that both sides changed in different ways. */
export type TreeMerge =
  | { readonly outcome: 'merged'; readonly edits: readonly TreeEdit[] }
  | { readonly outcome: 'conflict'; readonly paths: readonly string[] };

/**
 * Three-way merge of whole files: each path from the side that changed it since `base`, never a file of neither side.
 * Both sides choose alike: for `profile.vcf`, changed on both, the larger head id wins; everything else is a conflict.
 * Source: format reference §5.5.
 */
export function mergeTrees(base: Tree | undefined, ours: MergeSide, theirs: MergeSide): TreeMerge {
  const edits: TreeEdit[] = [];
  const conflicts: string[] = [];
  for (const { path, before: our, after: their } of changesBetween(ours.tree, theirs.tree)) {
    const old = fileAt(base, path);
    if (isSame(old, their)) continue;
    const theirsIsTaken = isSame(old, our) || (canBeSettled(path, [old, our, their]) && theirs.head > ours.head);
    if (theirsIsTaken) edits.push({ path, blob: their?.id });
    else if (!canBeSettled(path, [old, our, their])) conflicts.push(path);
  }
  return conflicts.length > 0 ? { outcome: 'conflict', paths: conflicts } : { outcome: 'merged', edits };
}

/** Other readers settle it only where the file was there before the sides parted and is still on both. */
function canBeSettled(path: string, files: readonly (FileId | undefined)[]): boolean {
  return path === PROFILE_PATH && files.every((file) => file !== undefined);
}

interface FileId {
  readonly id: ObjectId;
  readonly mode: string;
}

function isSame(a: FileId | undefined, b: FileId | undefined): boolean {
  return a?.id === b?.id && a?.mode === b?.mode;
}
