import { decode } from '../../events/decode.ts';
import { CommitId, type ObjectId } from '../../ids.ts';
import type { Commit } from '../commit.ts';
import { isAncestor } from '../graph/ancestry.ts';
import type { CommitGraph } from '../graph/commit-graph.ts';
import type { HistoryReader } from '../log/history-reader.ts';
import { readMergeBase } from '../merge/read-merge-base.ts';
import {
  type CertificateFile,
  type CommitFacts,
  type EditedCommit,
  editTarget,
  type Founding,
  type MergedSide,
} from '../rules/commit-facts.ts';
import type { Tree } from '../tree/tree.ts';
import { type Change, changesBetween } from '../tree/tree-changes.ts';
import { readPath } from '../tree-path.ts';
import { findAuthor, findSigner, isJudgedBefore } from './signer.ts';

export interface Surroundings {
  readonly history: HistoryReader;
  /** Holds the commit and all that it descends from. */
  readonly graph: CommitGraph;
  readonly founding: Founding;
  /** Commits are missing from the graph because they cannot be read: then not finding one says nothing. */
  readonly hasGaps?: boolean;
}

/**
 * Reads what the rules need to know of a commit. Whatever the commit brings along is read on the way, so that a history
 * that passes is whole. Throws OBJECT_MISSING, OBJECT_CORRUPT.
 */
export async function gatherFacts(surroundings: Surroundings, commit: Commit): Promise<CommitFacts> {
  const { history, founding } = surroundings;
  const content = decode(commit.message);
  const tree = await history.trees.read(commit.tree);
  const [first, second] = commit.parents;
  const parentTree = first && (await treeOf(history, first));
  const changes = changesBetween(parentTree, tree);
  const judgedTree = isJudgedBefore(commit, content) && parentTree ? parentTree : tree;
  return {
    commit,
    content,
    founding,
    tree,
    parentTree,
    changes,
    merged: first && second && (await readMergedSide(surroundings, first, second)),
    signer: await findSigner(history, judgedTree, commit.author.device),
    certificates: await readChangedFiles(history, changes),
    edited: await findEdited(surroundings, commit, editTarget(content)),
  };
}

async function treeOf(history: HistoryReader, id: CommitId): Promise<Tree> {
  return history.trees.read((await history.commit(id)).tree);
}

async function readMergedSide(
  { history, graph, hasGaps }: Surroundings,
  ours: CommitId,
  theirs: CommitId,
): Promise<MergedSide | undefined> {
  if (hasGaps) return undefined;
  return { tree: await treeOf(history, theirs), base: await readMergeBase({ history, graph }, ours, theirs) };
}

async function readChangedFiles(history: HistoryReader, changes: readonly Change[]) {
  const certificates = new Map<ObjectId, CertificateFile>();
  for (const { path, before, after } of changes) {
    const isCertificate = ['admins', 'members', 'devices'].includes(readPath(path).area);
    for (const file of isCertificate ? [before, after] : [])
      if (file) certificates.set(file.id, await history.certificates.read(file.id));
    if (after) await history.checkBlob(after.id);
  }
  return certificates;
}

/** Only what the commit descends from counts: then every replica gives the same answer, whatever else it holds. */
async function findEdited(
  { history, graph, hasGaps }: Surroundings,
  commit: Commit,
  target: string | undefined,
): Promise<EditedCommit | 'hidden' | undefined> {
  const id = CommitId.safeParse(target).data;
  if (!id) return undefined;
  if (!isAncestor(graph, id, commit.id)) return hasGaps ? 'hidden' : undefined;
  const edited = await history.commit(id);
  const content = decode(edited.message);
  return { content, author: await findAuthor(history, edited, content) };
}
