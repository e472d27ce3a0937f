import { SyncError } from '../../errors.ts';
import { asCommitId } from '../../id-bytes.ts';
import type { DeviceKeys } from '../../identity/identity.ts';
import type { CommitId } from '../../ids.ts';
import { COMMIT_MESSAGE_BYTES } from '../../limits.ts';
import { type Commit, formatUnsigned, insertSignature, parseCommit, withSignature } from '../commit.ts';
import type { FileEdit } from '../decisions/decision.ts';
import { objectIdOf } from '../repository/objects/object-id.ts';
import type { GitObject, Objects, ObjectType, Repository } from '../repository/repository.ts';
import { editTree, type TreeEdit } from '../tree/edit-tree.ts';
import type { Tree } from '../tree/tree.ts';
import { authorName } from './author-name.ts';

/** A commit that is signed but not written yet, with the objects that it brings along. */
export interface PreparedCommit {
  readonly commit: Commit;
  readonly tree: Tree;
  /** In the order to write them: what is referred to comes first, the commit last. */
  readonly objects: readonly GitObject[];
}

export interface ContentPlan {
  /** Of the first parent. */
  readonly tree: Tree | undefined;
  readonly edits: readonly (FileEdit | TreeEdit)[];
  readonly message: string;
}

export interface CommitPlace {
  readonly parents: readonly CommitId[];
  /** Since the Unix epoch. */
  readonly seconds: number;
}

/** What a commit says and the files it leads to, wherever it will stand. */
export interface CommitContent {
  readonly tree: Tree;
  readonly message: string;
  /** New trees and files, in the order to write them. */
  readonly objects: readonly GitObject[];
}

/** A commit that has not been read back. */
export interface WrittenCommit extends CommitPlace {
  readonly id: CommitId;
  readonly bytes: Uint8Array;
  readonly content: CommitContent;
}

/** One that is to be signed as it is. With its signature it has another id. */
export interface UnsignedCommit extends WrittenCommit {
  readonly isSigned: false;
}

export interface SignedCommit extends WrittenCommit {
  readonly isSigned: true;
  readonly signature: Uint8Array;
}

/** Makes the commit that a plan describes. Throws REFUSED for a message beyond the limit. */
export async function prepareCommit(keys: DeviceKeys, plan: ContentPlan & CommitPlace): Promise<PreparedCommit> {
  return preparedFrom(await signCommit(keys, unsignedCommit(keys, contentOf(plan), plan)));
}

/** Throws REFUSED for a message beyond the limit. */
export function contentOf({ tree: before, edits, message }: ContentPlan): CommitContent {
  if (Buffer.byteLength(message) > COMMIT_MESSAGE_BYTES)
    throw new SyncError('REFUSED', {
      reason: 'too-long',
      detail: `a commit holds ${COMMIT_MESSAGE_BYTES} bytes of text`,
    });
  const blobs: GitObject[] = [];
  const treeEdits = edits.map((edit) => ('blob' in edit ? edit : toTreeEdit(edit, blobs)));
  const { tree, objects } = editTree(before, treeEdits);
  return { tree, message, objects: [...blobs, ...objects.map((object) => objectOf('tree', object))] };
}

export function unsignedCommit(
  keys: DeviceKeys,
  content: CommitContent,
  { parents, seconds }: CommitPlace,
): UnsignedCommit {
  const author = { name: authorName(keys.name, keys.device), device: keys.device, seconds };
  const bytes = formatUnsigned({ tree: content.tree.id, parents, author, message: content.message });
  return { id: commitIdOf(bytes), parents, seconds, bytes, content, isSigned: false };
}

/** Does no more than the next commit needs to be signed on top of this one. */
export async function signCommit(keys: DeviceKeys, unsigned: UnsignedCommit): Promise<SignedCommit> {
  const signature = await keys.sign(unsigned.bytes);
  const bytes = insertSignature(unsigned.bytes, signature);
  return { ...unsigned, id: commitIdOf(bytes), bytes, signature, isSigned: true };
}

/** The same device makes the same of the same bytes, whenever it is asked. */
export async function signedBytes(keys: DeviceKeys, unsigned: Uint8Array): Promise<Uint8Array> {
  return insertSignature(unsigned, await keys.sign(unsigned));
}

/** In the order to write them: what is referred to comes first, the commit last. */
export function objectsOf({ bytes, content }: WrittenCommit): readonly GitObject[] {
  return [...content.objects, objectOf('commit', bytes)];
}

/** What others will see is what was written, so it is read the way they read it. */
export function preparedFrom(written: WrittenCommit): PreparedCommit {
  const read = parseCommit(written.id, written.bytes);
  if (read.outcome === 'malformed')
    throw new SyncError('MALFORMED', { what: 'commit of our own', detail: read.reason });
  return { commit: read.commit, tree: written.content.tree, objects: objectsOf(written) };
}

/** The same for one that was read before it was signed: all but the signature is read already. */
export function signedFrom(unsigned: PreparedCommit, signed: SignedCommit): PreparedCommit {
  return { ...unsigned, commit: withSignature(unsigned.commit, signed), objects: objectsOf(signed) };
}

/** Writes the objects so that at no moment one refers to another that is missing. */
export async function writePrepared(
  repository: Pick<Repository, 'writeAll'>,
  ...commits: readonly PreparedCommit[]
): Promise<void> {
  await repository.writeAll(commits.flatMap(({ objects }) => objects));
}

/** Whether there are trees or files beside the commit itself. */
export function bringsFiles({ objects }: PreparedCommit): boolean {
  return objects.length > 1;
}

/** The objects as they would be once the prepared commits are written. */
export function objectsWith(objects: Objects, ...commits: readonly PreparedCommit[]): Objects {
  const added = commits.flatMap((prepared) => prepared.objects);
  const byId = new Map(added.map((object) => [`${objectIdOf(object.type, object.bytes)}`, object]));
  return {
    read: async (id) => byId.get(id) ?? objects.read(id),
    has: async (id) => byId.has(id) || objects.has(id),
  };
}

function commitIdOf(bytes: Uint8Array): CommitId {
  return asCommitId(objectIdOf('commit', bytes));
}

function toTreeEdit({ path, content }: FileEdit, blobs: GitObject[]): TreeEdit {
  if (content === undefined) return { path, blob: undefined };
  const blob = objectOf('blob', Buffer.from(content));
  blobs.push(blob);
  return { path, blob: objectIdOf('blob', blob.bytes) };
}

function objectOf(type: ObjectType, bytes: Uint8Array): GitObject {
  return { type, bytes };
}
