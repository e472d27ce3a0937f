/** The parts that deal with the devices of accounts, put together. */
import { SyncError } from '../errors.ts';
import { type Clones, createClones } from './commits/clones.ts';
import { peopleOf } from './commits/commit-exchange.ts';
import type { Growth } from './conversations/growth.ts';
import { vouchEverywhere } from './conversations/vouch-everywhere.ts';
import { type BanNews, createBanNews } from './devices/ban-news.ts';
import { type BansHeard, createBansHeard } from './devices/bans-heard.ts';
import type { Messenger } from './devices/messenger.ts';
import { createOwnConversations, type OwnConversations } from './devices/own-conversations.ts';
import { createSightings, type Sightings } from './devices/sightings.ts';
import { createStanding, type Standing } from './devices/standing.ts';
import type { EngineParts } from './engine-parts.ts';
import type { CommitRoom } from './home/commit-room.ts';
import type { NetPort } from './net-slot.ts';

export interface WiredDevices {
  readonly clones: Clones;
  readonly own: OwnConversations;
  readonly standing: Standing;
  readonly sightings: Sightings;
  readonly banNews: BanNews;
  readonly bansHeard: BansHeard;
}

export interface WireDevicesParts extends EngineParts {
  readonly net: NetPort;
  readonly messenger: Messenger;
  readonly growth: Growth;
  readonly room: CommitRoom;
  recheckLinks(): void;
}

export function wireDevices(parts: WireDevicesParts): WiredDevices {
  const { keys, live, growth } = parts;
  const standing: Standing = createStanding({
    ...parts,
    recheck: parts.recheckLinks,
    people: () => peopleOf(live.values(), keys.account),
    onSelfRevoked: () => parts.end(new SyncError('DEVICE_REVOKED', { device: keys.device })),
    onRevokedHere: () => void vouchEverywhere({ ...parts, standing }),
  });
  const clones = createClones({ ...parts, isRevoked: standing.isRevoked });
  const own = createOwnConversations({ ...parts, clones, keepLinks: growth.keepLinks });
  const [banNews, bansHeard] = [createBanNews(parts), createBansHeard(parts)];
  return { clones, own, standing, sightings: createSightings(parts), banNews, bansHeard };
}
