import type { CommitId } from '../../ids.ts';
import { commitLinks } from './objects/commit-links.ts';
import { peelAll } from './objects/peel-tag.ts';
import type { Objects } from './repository.ts';

export interface ShallowRequest {
  readonly wants: readonly CommitId[];
  /** Commits counted from the wants that the other side asks for; undefined when it does not ask for a depth. */
  readonly depth: number | undefined;
  /** Counts the depth from where the other side's history ends now, not from the wants. */
  readonly isRelative?: boolean;
  /** Where the other side's history ends now: it has these commits and not their parents. */
  readonly shallow: readonly CommitId[];
}

/** Where a history that is sent in part ends (gitprotocol-pack, "shallow" and "unshallow"). */
export interface ShallowCut {
  /** The other side's history ends at these from now on. */
  readonly ends: ReadonlySet<CommitId>;
  /** Of these the other side does not know yet. */
  readonly shallow: readonly CommitId[];
  /** At these its history ended and ends no more. */
  readonly unshallow: readonly CommitId[];
  /** The parents that it gets in their place. */
  readonly uncovered: readonly CommitId[];
}

/**
 * Works out what a shallow clone gets. Without a depth its history ends where it did. Throws OBJECT_MISSING,
 * OBJECT_CORRUPT, MALFORMED.
 */
export async function cutAtDepth(objects: Objects, request: ShallowRequest): Promise<ShallowCut> {
  const { wants, depth, shallow, isRelative = false } = request;
  if (depth === undefined) return { ends: new Set(shallow), shallow: [], unshallow: [], uncovered: [] };
  const fromEnds = isRelative && shallow.length > 0;
  const here = fromEnds ? await keepHere(objects, shallow) : wants;
  const { inside, ends } = await walkToDepth(objects, here, fromEnds ? depth + 1 : depth);
  const unshallow = shallow.filter((id) => inside.has(id) && !ends.has(id));
  const stays = shallow.filter((id) => !inside.has(id));
  return {
    ends: new Set([...ends, ...stays]),
    shallow: [...ends].filter((id) => !shallow.includes(id)),
    unshallow,
    uncovered: unshallow.flatMap((id) => inside.get(id) ?? []),
  };
}

interface Depths {
  /** The commits within the depth, with their parents. */
  readonly inside: ReadonlyMap<CommitId, readonly CommitId[]>;
  /** Those at the depth that have parents. */
  readonly ends: ReadonlySet<CommitId>;
}

/** Breadth first, so that each commit is met at its least depth. */
async function walkToDepth(objects: Objects, wants: readonly CommitId[], depth: number): Promise<Depths> {
  const inside = new Map<CommitId, readonly CommitId[]>();
  let level: readonly CommitId[] = (await peelAll(objects, wants)).map(({ commit }) => commit);
  for (let at = 1; at < depth && level.length > 0; at++) {
    await readLevel(objects, level, inside);
    level = [...new Set(level.flatMap((id) => inside.get(id) ?? []))].filter((id) => !inside.has(id));
  }
  await readLevel(objects, level, inside);
  return { inside, ends: new Set(level.filter((id) => (inside.get(id) ?? []).length > 0)) };
}

async function readLevel(objects: Objects, level: readonly CommitId[], inside: Map<CommitId, readonly CommitId[]>) {
  for (const id of level) inside.set(id, commitLinks((await objects.read(id)).bytes).parents);
}

/** Those of the other side's commits that are known here. */
async function keepHere(objects: Objects, ids: readonly CommitId[]): Promise<readonly CommitId[]> {
  const here: CommitId[] = [];
  for (const id of ids) if (await objects.has(id)) here.push(id);
  return here;
}
