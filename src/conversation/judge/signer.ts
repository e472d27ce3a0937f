import type { Decoded } from '../../events/decode.ts';
import { AccountUri, type DeviceId } from '../../ids.ts';
import type { Commit } from '../commit.ts';
import type { HistoryReader } from '../log/history-reader.ts';
import { banPath } from '../membership/bans.ts';
import type { Signer } from '../rules/commit-facts.ts';
import { type Flaw, flaw } from '../rules/rule.ts';
import { fileAt, type Tree } from '../tree/tree.ts';
import { adminPath, devicePath, memberPath } from '../tree-path.ts';

/** Most commits of a history share a tree, and a few devices sign them. A tree is kept by one reader, and goes with it. */
const known = new WeakMap<Tree, Map<DeviceId, Signer>>();

/** Who stands behind a device in a tree: V1, V2, or the signer. Throws OBJECT_MISSING, OBJECT_CORRUPT. */
export async function findSigner(history: HistoryReader, tree: Tree, device: DeviceId): Promise<Signer | Flaw> {
  const inTree = known.get(tree) ?? new Map<DeviceId, Signer>();
  known.set(tree, inTree);
  const signer = inTree.get(device) ?? (await readSigner(history, tree, device));
  if ('uri' in signer) inTree.set(device, signer);
  return signer;
}

async function readSigner(history: HistoryReader, tree: Tree, device: DeviceId): Promise<Signer | Flaw> {
  const path = devicePath(device);
  const file = fileAt(tree, path);
  if (!file) return flaw('V1', `the certificate of device ${device} is not in the tree`, path);
  const read = await history.certificates.read(file.id);
  if (read.outcome === 'unreadable') return flaw('OBJECT', `${path} cannot be read: ${read.reason}`, path);
  const uri = AccountUri.safeParse(read.leaf.issuerUid).data;
  if (!uri) return flaw('V2', `the certificate of device ${device} names no account`, path);
  const account = fileAt(tree, adminPath(uri)) ?? fileAt(tree, memberPath(uri));
  return {
    device,
    uri,
    certificate: read.leaf,
    account: account && (await history.certificates.read(account.id)),
    isCertified: account !== undefined && (await history.certificates.certifies(account.id, file.id)),
    bannedAt: banPath(tree, { uri, device }),
  };
}

/** The tree that tells who signed: the commit's own, but the parent's when a member takes its own files away. */
export function isJudgedBefore(commit: Commit, content: Decoded): boolean {
  return commit.parents.length === 1 && content.outcome === 'known' && content.event.kind === 'member-left';
}

/** The account a commit is from, as its device's certificate says; undefined when none is there. Proves nothing. */
export async function findAuthor(
  history: HistoryReader,
  commit: Commit,
  content: Decoded,
): Promise<AccountUri | undefined> {
  const own = await history.trees.read(commit.tree);
  const [parent] = commit.parents;
  const before = isJudgedBefore(commit, content) && parent ? await history.commit(parent) : undefined;
  const file = fileAt(before ? await history.trees.read(before.tree) : own, devicePath(commit.author.device));
  const read = file && (await history.certificates.read(file.id));
  return read?.outcome === 'read' ? AccountUri.safeParse(read.leaf.issuerUid).data : undefined;
}
