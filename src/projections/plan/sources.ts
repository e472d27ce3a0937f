/** Who may hold a file, and whom to ask first. */
import type { AccountUri, DeviceId } from '../../ids.ts';
import type { LinkKind, PeerIdentity } from '../../ports.ts';
import type { FileAnnouncement } from '../files.ts';
import { activeDevices, isActiveMember, type MembersState } from '../members.ts';
import { isRevoked, type Revoked } from '../revoked.ts';
import type { SeenDevices } from '../seen-devices.ts';
import { draw } from './draw.ts';

/** A link as far as asking needs to know it; `LinkView` of the network is one. */
export interface Linked {
  readonly peer: { readonly device: DeviceId; readonly account: AccountUri };
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
  readonly kind?: LinkKind;
}

export interface Source {
  readonly device: DeviceId;
  readonly account: AccountUri;
  /** When the link to it came up; absent while there is none. */
  readonly linkedSince: number | undefined;
  readonly link?: LinkKind | undefined;
  /** Of this device's own account. */
  readonly isOwn: boolean;
}

export interface Surroundings {
  /** Without an account no other device is known as an own one. */
  readonly self: Pick<PeerIdentity, 'device'> & Partial<PeerIdentity>;
  readonly linked: readonly Linked[];
  readonly revoked: Revoked;
  readonly seen: SeenDevices;
}

/**
 * Every device of a member that could be asked: those that the log names, and those that are linked or were linked once,
 * whether or not they have committed anything. Neither this device nor a revoked one is one of them.
 */
export function possibleSources(
  members: MembersState,
  { self, linked, revoked, seen }: Surroundings,
): readonly Source[] {
  const isOwn = (account: AccountUri) => account === self.account;
  const sources = new Map<DeviceId, Source>();
  for (const { account, device } of [...seenDevices(members, seen), ...activeDevices(members)]) {
    sources.set(device, { account, device, linkedSince: undefined, isOwn: isOwn(account) });
  }
  for (const { peer, since, kind } of linked) {
    if (!isActiveMember(members, peer.account, peer.device)) continue;
    sources.set(peer.device, { ...peer, linkedSince: since, link: kind, isOwn: isOwn(peer.account) });
  }
  sources.delete(self.device);
  return [...sources.values()].filter((source) => !isRevoked(revoked, source));
}

/** Those of members, of all that were seen. */
function* seenDevices(members: MembersState, seen: SeenDevices): Generator<{ account: AccountUri; device: DeviceId }> {
  for (const account of members.members.keys())
    for (const device of seen.get(account, [])) if (isActiveMember(members, account, device)) yield { account, device };
}

/** A source's place among those of one file; the smaller goes first. */
export interface Preference {
  readonly device: DeviceId;
  readonly rank: number;
  readonly draw: number;
}

/**
 * Linked devices of this account first: what they send costs nobody else anything. Then the announcing device, then the
 * author's others, then everybody else in an order that differs from file to file, so that no device gets all the
 * requests; that order is the same for the same file everywhere.
 */
export function preferenceOf(file: FileAnnouncement, source: Source): Preference {
  return { device: source.device, rank: rankOf(file, source), draw: draw(file.interaction, source.device) };
}

function rankOf(file: FileAnnouncement, { account, device, isOwn, linkedSince }: Source): number {
  if (isOwn && linkedSince !== undefined) return 0;
  if (device === file.device) return 1;
  return account === file.author ? 2 : 3;
}

/** Nothing was heard of it, but as a device of the author it mostly holds the file. */
export function isOfAuthor(file: FileAnnouncement, { account, device }: Source): boolean {
  return device === file.device || account === file.author;
}

export function comparePreference(a: Preference, b: Preference): number {
  return a.rank - b.rank || a.draw - b.draw || (a.device < b.device ? -1 : 1);
}
