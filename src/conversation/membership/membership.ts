import type { Mode } from '../../events/kinds/conversation-created.ts';
import { AccountUri, DeviceId, type ObjectId } from '../../ids.ts';
import type { HistoryReader } from '../log/history-reader.ts';
import type { Founding } from '../rules/commit-facts.ts';
import { filesOf, type Tree } from '../tree/tree.ts';
import { readPath, type TreePath } from '../tree-path.ts';

export type Role = 'admin' | 'member' | 'invited' | 'banned' | 'left';

export interface Member {
  readonly uri: AccountUri;
  readonly role: Role;
  /** Those whose certificates are in the tree and not banned, sorted. */
  readonly devices: readonly DeviceId[];
}

/** Who takes part at one commit. */
export interface Membership {
  readonly mode: Mode | undefined;
  readonly members: ReadonlyMap<AccountUri, Member>;
  /** Devices that are banned by themselves. */
  readonly bannedDevices: ReadonlySet<DeviceId>;
}

/** Reads who takes part from a commit's tree. Throws OBJECT_MISSING, OBJECT_CORRUPT. */
export async function readMembership(history: HistoryReader, tree: Tree, founding: Founding): Promise<Membership> {
  const owners = new Map<ObjectId, AccountUri>();
  for (const [path, { id }] of filesOf(tree)) {
    if (readPath(path).area !== 'devices') continue;
    const file = await history.certificates.read(id);
    const owner = file.outcome === 'read' ? AccountUri.safeParse(file.leaf.issuerUid).data : undefined;
    if (owner) owners.set(id, owner);
  }
  return membersAt(tree, founding, owners);
}

/**
 * The members as the tree says. A member that stands in several places, as after a merge of concurrent changes, has the
 * first of these roles: banned, admin, member, invited. In a one-to-one, who founded it and stands nowhere has left.
 * Source: docs/format.md, "Who takes part", but that a ban holds whatever else is there, and that banned admins count.
 */
export function membersAt(tree: Tree, founding: Founding, owners: ReadonlyMap<ObjectId, AccountUri>): Membership {
  const paths = [...filesOf(tree)].map(([path, { id }]) => ({ path: readPath(path), id }));
  const devices = devicesByOwner(paths, owners);
  const members = [...rolesOf(paths, founding)].map(([uri, role]): [AccountUri, Member] => {
    return [uri, { uri, role, devices: (devices.get(uri) ?? []).toSorted() }];
  });
  return { mode: founding.mode, members: new Map(members), bannedDevices: bannedDevicesOf(paths) };
}

/** Whether the account has joined and the device may speak for it. */
export function isActive({ members, bannedDevices }: Membership, account: AccountUri, device: DeviceId): boolean {
  const role = members.get(account)?.role;
  return (role === 'admin' || role === 'member') && !bannedDevices.has(device);
}

interface ReadFile {
  readonly path: TreePath;
  readonly id: ObjectId;
}

function rolesOf(files: readonly ReadFile[], { mode, initialMembers }: Founding): ReadonlyMap<AccountUri, Role> {
  const roles = new Map<AccountUri, Role>();
  for (const { path } of files) {
    const standing = standingOf(path);
    if (standing) roles.set(standing.uri, higherRole(roles.get(standing.uri), standing.role));
  }
  if (mode === 'one-to-one') for (const uri of initialMembers) roles.set(uri, roles.get(uri) ?? 'left');
  return roles;
}

function devicesByOwner(files: readonly ReadFile[], owners: ReadonlyMap<ObjectId, AccountUri>) {
  const devices = new Map<AccountUri, DeviceId[]>();
  for (const { path, id } of files) {
    const owner = owners.get(id);
    if (path.area === 'devices' && owner) devices.set(owner, [...(devices.get(owner) ?? []), path.device]);
  }
  return devices;
}

function bannedDevicesOf(files: readonly ReadFile[]): ReadonlySet<DeviceId> {
  const devices = files.map(({ path }) => {
    return path.area === 'banned' && path.kind === 'devices' ? DeviceId.safeParse(path.target).data : undefined;
  });
  return new Set(devices.filter((device) => device !== undefined));
}

const RANK: readonly Role[] = ['banned', 'admin', 'member', 'invited', 'left'];

function higherRole(a: Role | undefined, b: Role): Role {
  return a !== undefined && RANK.indexOf(a) < RANK.indexOf(b) ? a : b;
}

function standingOf(path: TreePath): { uri: AccountUri; role: Role } | undefined {
  switch (path.area) {
    case 'admins':
      return { uri: path.uri, role: 'admin' };
    case 'members':
      return { uri: path.uri, role: 'member' };
    case 'invited':
      return { uri: path.uri, role: 'invited' };
    case 'banned': {
      const uri = path.kind === 'devices' ? undefined : AccountUri.safeParse(path.target).data;
      return uri && { uri, role: 'banned' };
    }
    default:
      return undefined;
  }
}
