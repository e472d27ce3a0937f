import type { CommitId, ObjectId } from '../../ids.ts';
import { PACK_OBJECTS, TREE_DEPTH } from '../../limits.ts';
import { type MissingRange, walkMissing } from './missing-commits.ts';
import { peelAll } from './objects/peel-tag.ts';
import { parseTree } from './objects/tree.ts';
import { requireWithin } from './packs/pack-parser.ts';
import type { Objects } from './repository.ts';

/**
 * From commits the other side wants, and commits it has. A want may be an annotated tag.
 * All haves are here; those that are no commits are passed over.
 */
export interface SendRange extends MissingRange {
  /** Annotated tags that go along when what they lead to does. */
  readonly tags?: readonly CommitId[];
}

/**
 * What must be sent so that somebody with the haves and all before them has the wants and all before them: commits,
 * oldest first as the walk finds them, each before the trees and blobs that come with it. Nothing twice,
 * and nothing of the trees that the other side's nearest commits hold. `onFound` is told how many there are so far.
 * Throws OBJECT_MISSING, OBJECT_CORRUPT, MALFORMED, LIMIT_EXCEEDED.
 */
export async function objectsToSend(
  objects: Objects,
  range: SendRange,
  onFound: (count: number) => void = () => {},
): Promise<readonly (ObjectId | CommitId)[]> {
  const wanted = await peelAll(objects, range.wants);
  const wants = wanted.map(({ commit }) => commit);
  const { missing, boundary } = await walkMissing(objects, { ...range, wants }, onFound);
  const seen = new Set<string>();
  const ids: (ObjectId | CommitId)[] = [];

  async function visitTree(tree: ObjectId, found: (id: ObjectId) => void, depth = TREE_DEPTH): Promise<void> {
    if (seen.has(tree)) return;
    seen.add(tree);
    requireWithin({ what: 'Depth of a tree', limit: TREE_DEPTH, actual: TREE_DEPTH + 1 - depth });
    found(tree);
    for (const { mode, id } of parseTree((await objects.read(tree)).bytes)) {
      // A submodule's commit is in another repository.
      if (mode === '160000' || seen.has(id)) continue;
      if (mode === '40000') {
        await visitTree(id, found, depth - 1);
      } else {
        seen.add(id);
        found(id);
      }
    }
  }

  for (const { tree } of boundary) await visitTree(tree, () => undefined);
  for (const { id, tree } of missing.toReversed()) {
    ids.push(id);
    await visitTree(tree, (found) => ids.push(found));
    onFound(Math.max(missing.length, ids.length));
    requireWithin({ what: 'Number of objects in the pack', limit: PACK_OBJECTS, actual: ids.length });
  }
  const sent = new Set(missing.map(({ id }) => id));
  const along = (await peelAll(objects, range.tags ?? [])).filter(({ commit }) => sent.has(commit));
  return [...ids, ...new Set([...wanted, ...along].flatMap(({ tags }) => tags))];
}
