import { isSyncError } from '../../../errors.ts';
import type { CommitId, ObjectId } from '../../../ids.ts';
import { commitLinks } from '../objects/commit-links.ts';
import { parseTree } from '../objects/tree.ts';
import type { GitObject } from '../repository.ts';

/** What the loose objects of a repository are: enough to say how to pack them. */
export interface LooseSurvey {
  /** Newest first. */
  readonly commits: readonly ObjectId[];
  /** Trees first, those alike beside each other: by the path that a commit gives them, the largest first. */
  readonly others: readonly ObjectId[];
}

/** A loose object; undefined when it is there no more. Throws OBJECT_CORRUPT. */
export type ReadLoose = (id: ObjectId | CommitId) => GitObject | undefined;

interface FoundCommit {
  readonly id: ObjectId;
  readonly tree: ObjectId;
  readonly committedAt: number;
}

interface FoundOther {
  readonly id: ObjectId;
  readonly type: GitObject['type'];
  readonly size: number;
}

/** Reads each of the objects once. Those that are damaged are left out: what is said of them is said where they are read. */
export function surveyLoose(ids: readonly ObjectId[], read: ReadLoose): LooseSurvey {
  const commits: FoundCommit[] = [];
  const others: FoundOther[] = [];
  for (const id of ids) {
    const object = readSound(read, id);
    if (object?.type === 'commit') commits.push({ id, ...linksOf(object.bytes) });
    else if (object) others.push({ id, type: object.type, size: object.bytes.byteLength });
  }
  commits.sort((a, b) => b.committedAt - a.committedAt || (a.id < b.id ? -1 : 1));
  const paths = pathsOf(commits, { read, trees: treesAmong(others) });
  return { commits: commits.map(({ id }) => id), others: alikeTogether(others, paths) };
}

/** A commit that is whole and says nothing sensible is packed all the same. */
function linksOf(bytes: Uint8Array): Omit<FoundCommit, 'id'> {
  try {
    return commitLinks(bytes);
  } catch {
    return { tree: '' as ObjectId, committedAt: 0 };
  }
}

function treesAmong(others: readonly FoundOther[]): ReadonlySet<ObjectId> {
  return new Set(others.filter(({ type }) => type === 'tree').map(({ id }) => id));
}

/** The path at which an object is met first, going from the commits into the trees. */
function pathsOf(
  commits: readonly FoundCommit[],
  { read, trees }: { readonly read: ReadLoose; readonly trees: ReadonlySet<ObjectId> },
): ReadonlyMap<ObjectId, string> {
  const paths = new Map<ObjectId, string>();
  const open = commits.map(({ tree }) => ({ id: tree, path: '' })).reverse();
  for (let next = open.pop(); next; next = open.pop()) {
    const { id, path } = next;
    if (paths.has(id)) continue;
    paths.set(id, path);
    const tree = trees.has(id) ? readSound(read, id) : undefined;
    for (const entry of entriesOf(tree)) open.push({ id: entry.id, path: `${path}/${entry.name}` });
  }
  return paths;
}

function entriesOf(tree: GitObject | undefined) {
  try {
    return tree ? parseTree(tree.bytes) : [];
  } catch {
    // It is packed as it is; only its entries have no names.
    return [];
  }
}

function alikeTogether(others: readonly FoundOther[], paths: ReadonlyMap<ObjectId, string>): readonly ObjectId[] {
  const named = others.map((object) => ({ ...object, path: paths.get(object.id) ?? '' }));
  named.sort(
    (a, b) => compareText(b.type, a.type) || compareText(a.path, b.path) || b.size - a.size || compareText(a.id, b.id),
  );
  return named.map(({ id }) => id);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function readSound(read: ReadLoose, id: ObjectId): GitObject | undefined {
  try {
    return read(id);
  } catch (error) {
    if (isSyncError(error, 'OBJECT_CORRUPT')) return undefined;
    throw error;
  }
}
