/** Where things stand in a conversation's tree. Source: docs/format.md, "The repository". */
import { AccountUri, DeviceId } from '../ids.ts';

/** What a ban, and the vote on it, can be about; also the names of directories. */
export const TARGET_KINDS = ['admins', 'members', 'invited', 'devices'] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

/** A member, or a device where a single device is banned. */
export type Target = AccountUri | DeviceId;

/** What a path turns out to be. Whatever the format has no place for is 'other'. */
export type TreePath =
  | { readonly area: 'admins' | 'members' | 'invited'; readonly uri: AccountUri }
  | { readonly area: 'devices'; readonly device: DeviceId }
  | { readonly area: 'banned'; readonly kind: TargetKind; readonly target: Target }
  | VotePath
  | { readonly area: 'attachments'; readonly name: string }
  | { readonly area: 'profile' | 'other' };

export interface VotePath {
  readonly area: 'votes';
  readonly action: 'ban' | 'unban';
  readonly kind: TargetKind;
  readonly target: Target;
  readonly voter: AccountUri;
}

export const PROFILE_PATH = 'profile.vcf';

export const adminPath = (uri: AccountUri): string => `admins/${uri}.crt`;
export const memberPath = (uri: AccountUri): string => `members/${uri}.crt`;
export const invitedPath = (uri: AccountUri): string => `invited/${uri}`;
/** Where the format's validators let an account's revocation list stand. No writer uses it; what it holds binds nobody. */
export const revocationsPath = (target: Target): string => `CRLs/${target}`;
export const devicePath = (device: DeviceId): string => `devices/${device}.crt`;

/** Where something stands that can be banned, and where it is moved to. */
export function targetPath(kind: TargetKind, target: Target): string {
  return kind === 'invited' ? `${kind}/${target}` : `${kind}/${target}.crt`;
}

export function bannedPath(kind: TargetKind, target: Target): string {
  return `banned/${targetPath(kind, target)}`;
}

/** The directory of the votes on something; each file in it is named after its voter. */
export function votesPath({ action, kind, target }: Omit<VotePath, 'area' | 'voter'>): string {
  return `votes/${action}/${kind}/${target}`;
}

export function readPath(path: string): TreePath {
  if (path === PROFILE_PATH) return { area: 'profile' };
  const [area, ...rest] = path.split('/');
  const read = area !== undefined && Object.hasOwn(READERS, area) ? READERS[area]?.(rest) : undefined;
  return read ?? { area: 'other' };
}

const READERS: Readonly<Record<string, (rest: readonly string[]) => TreePath | undefined>> = {
  admins: (rest) => readUri('admins', certificateName(rest)),
  members: (rest) => readUri('members', certificateName(rest)),
  invited: (rest) => readUri('invited', onlyName(rest)),
  devices: readDevice,
  banned: readBanned,
  votes: readVote,
  attachments: (rest) => (rest.length === 1 && rest[0] ? { area: 'attachments', name: rest[0] } : undefined),
};

function readUri(area: 'admins' | 'members' | 'invited', name: string | undefined): TreePath | undefined {
  const uri = AccountUri.safeParse(name);
  return uri.success ? { area, uri: uri.data } : undefined;
}

function readDevice(rest: readonly string[]): TreePath | undefined {
  const device = DeviceId.safeParse(certificateName(rest));
  return device.success ? { area: 'devices', device: device.data } : undefined;
}

function readBanned([directory, ...rest]: readonly string[]): TreePath | undefined {
  const kind = kindNamed(directory);
  const target = kind && readTarget(kind, kind === 'invited' ? onlyName(rest) : certificateName(rest));
  return target && { area: 'banned', kind, target };
}

function readVote([action, directory, name, voterName, ...rest]: readonly string[]): VotePath | undefined {
  const kind = kindNamed(directory);
  const target = kind && readTarget(kind, name);
  const voter = AccountUri.safeParse(voterName);
  if ((action !== 'ban' && action !== 'unban') || !target || !voter.success || rest.length > 0) return undefined;
  return { area: 'votes', action, kind, target, voter: voter.data };
}

function kindNamed(directory: string | undefined): TargetKind | undefined {
  return TARGET_KINDS.find((kind) => kind === directory);
}

function readTarget(kind: TargetKind, name: string | undefined): Target | undefined {
  return (kind === 'devices' ? DeviceId : AccountUri).safeParse(name).data;
}

function onlyName(rest: readonly string[]): string | undefined {
  return rest.length === 1 ? rest[0] : undefined;
}

function certificateName(rest: readonly string[]): string | undefined {
  return /^([0-9a-f]+)\.crt$/.exec(onlyName(rest) ?? '')?.[1];
}
