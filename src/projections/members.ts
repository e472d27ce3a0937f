import { OrderedMap, OrderedSet, Map as PersistentMap, Set as PersistentSet } from 'immutable';
import type { ConversationEvent } from '../events/conversation-event.ts';
import type { Interaction } from '../events/interaction.ts';
import type { ConversationCreated, Mode } from '../events/kinds/conversation-created.ts';
import type { MembershipEvent } from '../events/kinds/membership.ts';
import { AccountUri, DeviceId } from '../ids.ts';
import { never } from '../never.ts';
import type { Projection } from './projection.ts';

/** Source: docs/format.md, "Who takes part". */
export type Role = 'admin' | 'member' | 'invited' | 'banned' | 'left';

export interface Member {
  readonly uri: AccountUri;
  /** As far as the events tell; see `members`. */
  readonly role: Role;
  /** Devices that committed something, in the order they first did. */
  readonly devices: OrderedSet<DeviceId>;
}

export interface MembersState {
  readonly mode: Mode | undefined;
  /** In the order they first appeared. */
  readonly members: OrderedMap<AccountUri, Member>;
  /** What a banned member is beside the ban, and again when the ban is lifted. */
  readonly roleBeforeBan: PersistentMap<AccountUri, Role>;
  readonly bannedDevices: PersistentSet<DeviceId>;
}

/**
 * Who takes part, told by the events alone. On an admitted history it agrees with the tree (docs/format.md, "Who takes part"), but
 * where the end of one ban and another ban of the same member are concurrent: then the tree of the head is right, and an
 * engine takes the roles from there, for what it shows and for what it plans.
 */
export const members: Projection<MembersState> = {
  name: 'members',
  version: 2,
  initial: {
    mode: undefined,
    members: OrderedMap(),
    roleBeforeBan: PersistentMap(),
    bannedDevices: PersistentSet(),
  },
  evolve(state, interaction) {
    const { content } = interaction;
    const after = content.outcome === 'known' ? evolveRoles(state, interaction, content.event) : state;
    return withDevice(after, interaction);
  },
  concernsNow: (state, { kind, author, device }) =>
    kind === 'conversation-created' || kind.startsWith('member-') || bringsDevice(state, author, device),
};

/**
 * A member as the events alone tell of it. By another name than `MemberView.role`, which comes from the tree of the head:
 * where bans and their ends are concurrent, the two can differ, and the tree is right.
 */
export interface MemberByEvents {
  readonly uri: AccountUri;
  readonly roleByEvents: Role;
  readonly devices: readonly DeviceId[];
}

/** For whoever replays a history. In the order they first appeared. */
export function membersByEvents(state: MembersState): readonly MemberByEvents[] {
  return membersView(state).map(({ uri, role, devices }) => ({ uri, roleByEvents: role, devices }));
}

/** A member as an engine shows it. */
export interface MemberView {
  readonly uri: AccountUri;
  readonly role: Role;
  readonly devices: readonly DeviceId[];
}

export function membersView(state: MembersState): readonly MemberView[] {
  return [...state.members.values()].map(({ uri, role, devices }) => ({ uri, role, devices: [...devices] }));
}

/** Role admin or member, and the device, seen before or not, is not banned. Whose device it is its certificate tells. */
export function isActiveMember(state: MembersState, account: AccountUri, device: DeviceId): boolean {
  return hasJoined(state.members.get(account)) && !state.bannedDevices.has(device);
}

/** The devices, seen so far, of everybody who takes part. */
export function* activeDevices(state: MembersState): Generator<{ account: AccountUri; device: DeviceId }> {
  for (const member of state.members.values()) {
    if (!hasJoined(member)) continue;
    for (const device of member.devices) {
      if (!state.bannedDevices.has(device)) yield { account: member.uri, device };
    }
  }
}

function hasJoined(member: Member | undefined): boolean {
  return member?.role === 'admin' || member?.role === 'member';
}

function evolveRoles(state: MembersState, { author }: Interaction, event: ConversationEvent): MembersState {
  switch (event.kind) {
    case 'conversation-created':
      return evolveCreated(state, event, author);
    case 'member-added':
    case 'member-joined':
    case 'member-left':
    case 'member-banned':
    case 'member-unbanned':
    case 'vote-cast':
      return evolveMembership(state, event);
    default:
      return state;
  }
}

function evolveCreated(state: MembersState, event: ConversationCreated, author: AccountUri | undefined): MembersState {
  let next: MembersState = { ...state, mode: event.mode };
  if (author) next = withRole(next, author, 'admin');
  if (event.invited) next = withRole(next, event.invited, 'invited');
  return next;
}

function evolveMembership(state: MembersState, event: MembershipEvent): MembersState {
  switch (event.kind) {
    case 'member-added':
      return withRoleBelowBan(state, event.uri, 'invited');
    case 'member-joined':
      return withRoleBelowBan(state, event.uri, 'member');
    case 'member-left':
      return withRoleBelowBan(state, event.uri, 'left');
    case 'member-banned':
      return ban(state, event.uri);
    case 'member-unbanned':
      return unban(state, event.uri);
    case 'vote-cast':
      return state;
    default:
      return never(event);
  }
}

function ban(state: MembersState, target: AccountUri | DeviceId): MembersState {
  const device = DeviceId.safeParse(target);
  if (device.success) return { ...state, bannedDevices: state.bannedDevices.add(device.data) };
  const account = AccountUri.parse(target);
  const before = state.members.get(account)?.role;
  if (before === 'banned') return state;
  const roleBeforeBan = state.roleBeforeBan.set(account, before ?? 'invited');
  return withRole({ ...state, roleBeforeBan }, account, 'banned');
}

/** An unbanned member is at once what it was before: it does not have to join again. */
function unban(state: MembersState, target: AccountUri | DeviceId): MembersState {
  const device = DeviceId.safeParse(target);
  if (device.success) return { ...state, bannedDevices: state.bannedDevices.delete(device.data) };
  const account = AccountUri.parse(target);
  if (state.members.get(account)?.role !== 'banned') return state;
  const role = state.roleBeforeBan.get(account, 'member');
  return withRole({ ...state, roleBeforeBan: state.roleBeforeBan.delete(account) }, account, role);
}

/** What happened beside a ban comes after it in the order, or before; the ban holds either way. */
function withRoleBelowBan(state: MembersState, uri: AccountUri, role: Role): MembersState {
  if (state.members.get(uri)?.role !== 'banned') return withRole(state, uri, role);
  return { ...state, roleBeforeBan: state.roleBeforeBan.set(uri, role) };
}

function withRole(state: MembersState, uri: AccountUri, role: Role): MembersState {
  const devices = state.members.get(uri)?.devices ?? OrderedSet<DeviceId>();
  return { ...state, members: state.members.set(uri, { uri, role, devices }) };
}

/** A device counts as its author's from its first commit on, merges included. */
function withDevice(state: MembersState, { author, device }: Interaction): MembersState {
  const member = author && state.members.get(author);
  if (!member || !bringsDevice(state, author, device)) return state;
  return { ...state, members: state.members.set(author, { ...member, devices: member.devices.add(device) }) };
}

function bringsDevice({ members }: MembersState, author: AccountUri | undefined, device: DeviceId): boolean {
  return author !== undefined && members.get(author)?.devices.has(device) === false;
}
