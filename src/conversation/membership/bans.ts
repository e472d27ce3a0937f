/**
 * Whom a tree bans. A ban holds whatever else the tree says of its target: see
 * docs/decisions/0016-bans-in-concurrent-histories.md.
 */
import type { AccountUri, DeviceId } from '../../ids.ts';
import { fileAt, type Tree } from '../tree/tree.ts';
import { bannedPath } from '../tree-path.ts';

/** What an account can be banned as, in the order in which the bans are lifted. */
const KINDS = ['admins', 'members', 'invited'] as const;
export type AccountBan = (typeof KINDS)[number];

/** As what the account is banned; undefined when it is not. */
export function accountBan(tree: Tree | undefined, uri: AccountUri): AccountBan | undefined {
  return KINDS.find((kind) => fileAt(tree, bannedPath(kind, uri)));
}

/** Where the tree says that the account, or the device by itself, is banned; undefined when neither is. */
export function banPath(tree: Tree, { uri, device }: { uri: AccountUri; device: DeviceId }): string | undefined {
  const kind = accountBan(tree, uri);
  if (kind) return bannedPath(kind, uri);
  const path = bannedPath('devices', device);
  return fileAt(tree, path) ? path : undefined;
}
