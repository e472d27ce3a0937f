/** Who may hold a file, and whom to ask first. */
import type { AccountUri, DeviceId } from '../ids.ts';
import type { LinkKind } from '../ports.ts';
import { draw } from './draw.ts';
import type { FileAnnouncement } from './files.ts';
import { activeDevices, isActiveMember, type MembersState } from './members.ts';

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
}

/**
 * Every device of a member that could be asked: those seen in the log, and linked ones that have not committed anything yet.
 * This device is none of them.
 */
export function possibleSources(
  members: MembersState,
  { self, linked }: { readonly self: DeviceId; readonly linked: readonly Linked[] },
): readonly Source[] {
  const sources = new Map<DeviceId, Source>();
  for (const { account, device } of activeDevices(members)) {
    sources.set(device, { account, device, linkedSince: undefined });
  }
  for (const { peer, since, kind } of linked) {
    if (!isActiveMember(members, peer.account, peer.device)) continue;
    sources.set(peer.device, { ...peer, linkedSince: since, link: kind });
  }
  sources.delete(self);
  return [...sources.values()];
}

/** A source's place among those of one file; the smaller goes first. */
export interface Preference {
  readonly device: DeviceId;
  readonly rank: number;
  readonly draw: number;
}

/**
 * The announcing device first, then the author's others, then everybody else in an order that differs from file to file,
 * so that no device gets all the requests. The same for the same file everywhere.
 */
export function preferenceOf(file: FileAnnouncement, { device, account }: Source): Preference {
  const rank = device === file.device ? 0 : account === file.author ? 1 : 2;
  return { device, rank, draw: draw(file.interaction, device) };
}

export function comparePreference(a: Preference, b: Preference): number {
  return a.rank - b.rank || a.draw - b.draw || (a.device < b.device ? -1 : 1);
}
