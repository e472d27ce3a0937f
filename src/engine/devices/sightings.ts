import { SEEN_DEVICES } from '../../limits.ts';
import type { Net } from '../../net/net.ts';
import type { PeerIdentity } from '../../ports.ts';
import type { EngineParts } from '../engine-parts.ts';

/** Remembers devices of members that were linked and have written nothing: once they are offline, nothing else tells of them. */
export interface Sightings {
  note(peer: PeerIdentity): void;
  /** Looks at every link: who was a stranger when it came up may be a member by now. */
  noteLinked(): void;
}

export interface SightingsParts extends Pick<EngineParts, 'keeper' | 'clock' | 'live'> {
  readonly net: Pick<Net, 'links'>;
}

export function createSightings({ keeper, clock, live, net }: SightingsParts): Sightings {
  const isKnown = ({ account, device }: PeerIdentity) => keeper.state().seen.get(account)?.has(device) ?? false;
  const isNamedByNoLog = ({ account, device }: PeerIdentity) =>
    [...live.values()].some(
      (conversation) =>
        conversation.isActive(account, device) &&
        !conversation.states().members.members.get(account)?.devices.has(device),
    );
  const isRoomFor = ({ account }: PeerIdentity) => (keeper.state().seen.get(account)?.size ?? 0) < SEEN_DEVICES;

  function note(peer: PeerIdentity): void {
    if (isKnown(peer) || !isRoomFor(peer) || !isNamedByNoLog(peer)) return;
    const { account, device } = peer;
    keeper.record({ kind: 'device-seen', account, device, at: clock.now() });
  }

  return {
    note,
    noteLinked() {
      for (const { peer } of net.links()) note(peer);
    },
  };
}
