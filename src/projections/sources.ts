/** Who may hold a file, and whom to ask first. */
import { createHash } from 'node:crypto';
import type { AccountUri, CommitId, DeviceId } from '../ids.ts';
import type { FileAnnouncement } from './files.ts';
import { activeDevices, isActiveMember, type MembersState } from './members.ts';

/** A link as far as asking needs to know it; `LinkView` of the network is one. */
export interface Linked {
  readonly peer: { readonly device: DeviceId; readonly account: AccountUri };
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
}

export interface Source {
  readonly device: DeviceId;
  readonly account: AccountUri;
  /** When the link to it came up; absent while there is none. */
  readonly linkedSince: number | undefined;
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
  for (const { peer, since } of linked) {
    if (isActiveMember(members, peer.account, peer.device)) sources.set(peer.device, { ...peer, linkedSince: since });
  }
  sources.delete(self);
  return [...sources.values()];
}

/**
 * The announcing device first, then the author's others, then everybody else in an order that differs from file to file,
 * so that no device gets all the requests. The same for the same file everywhere.
 */
export function byPreference(file: FileAnnouncement, sources: readonly Source[]): readonly Source[] {
  const rank = ({ device, account }: Source) => (device === file.device ? 0 : account === file.author ? 1 : 2);
  return sources
    .map((source) => ({ source, rank: rank(source), draw: draw(file.interaction, source.device) }))
    .sort((a, b) => a.rank - b.rank || a.draw - b.draw || (a.source.device < b.source.device ? -1 : 1))
    .map(({ source }) => source);
}

/** A number in [0, 1) that depends on nothing but its arguments. */
export function draw(interaction: CommitId, device: DeviceId, tries = 0): number {
  const hash = createHash('sha256').update(`${interaction} ${device} ${tries}`).digest();
  return hash.readUInt32BE(0) / 2 ** 32;
}
