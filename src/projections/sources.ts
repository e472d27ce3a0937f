/** Who may hold a file, and whom to ask first. */
import type { AccountUri, CommitId, DeviceId } from '../ids.ts';
import type { LinkKind } from '../ports.ts';
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

/**
 * A number in [0, 1) that depends on nothing but its arguments. Both ids are digests, so their last 32 bits are random
 * enough; mixing them is the finalizer of MurmurHash3. A plan draws for every missing file and device, so it has to be cheap.
 */
export function draw(interaction: CommitId, device: DeviceId, tries = 0): number {
  let bits = lastBits(interaction) ^ Math.imul(lastBits(device), 0x9e3779b1) ^ Math.imul(tries, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
}

function lastBits(id: string): number {
  return Number.parseInt(id.slice(-8), 16);
}
