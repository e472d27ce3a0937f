/** The one place where the parts of an engine are put together. */
import { createFetcher, type Fetcher } from '../fetcher/fetcher.ts';
import type { Net } from '../net/net.ts';
import { leftAloneUntil, refusalOf } from '../projections/journal/quarantine.ts';
import { type CommitExchange, createCommitExchange } from './commits/commit-exchange.ts';
import { takePulled } from './commits/take-pulled.ts';
import { createGrowth, type Growth } from './conversations/growth.ts';
import { tellSubscribers } from './conversations/tell-subscribers.ts';
import { createInvitations, type Invitations } from './devices/invitations.ts';
import { createMessenger, type Messenger } from './devices/messenger.ts';
import { onPeerMessage } from './devices/peer-handlers.ts';
import { createPeerKeeper, type PeerKeeper } from './devices/peer-keeper.ts';
import type { EngineParts } from './engine-parts.ts';
import { createDeletions } from './files/disk/deletions.ts';
import { createEvicting } from './files/disk/eviction.ts';
import { createPresence, type Presence } from './files/disk/presence.ts';
import { fetcherOptions } from './files/fetch/fetcher-ports.ts';
import { createPlanner, type Planner } from './files/fetch/planner.ts';
import { createHoldingsExchange, type HoldingsExchange } from './files/holdings/holdings-exchange.ts';
import { createOffers, type Offers } from './files/offers/offers.ts';
import { createTransferNews } from './files/progress/transfer-news.ts';
import { type WatchedDisks, watchDisks } from './home/watch-disks.ts';
import { createIntents, type Intents } from './intents.ts';
import { createNetSlot } from './net-slot.ts';
import { type WiredDevices, wireDevices } from './wire-devices.ts';

export interface Wired extends WiredDevices {
  readonly messenger: Messenger;
  readonly exchange: CommitExchange;
  readonly invitations: Invitations;
  readonly fetcher: Fetcher;
  readonly peers: PeerKeeper;
  readonly planner: Planner;
  readonly presence: Presence;
  readonly growth: Growth;
  readonly disks: WatchedDisks;
  readonly holdings: HoldingsExchange;
  readonly offers: Offers;
  readonly intents: Intents;
  /** From now on the network is there. */
  startOn(net: Net): void;
  /** Resolves when nothing goes on in the background; call after the signal has fired. */
  idle(): Promise<void>;
}

export function wire(parts: EngineParts): Wired {
  const { keys, keeper, clock, random, log, live, plans, signal } = parts;
  const net = createNetSlot();
  const disks = watchDisks({ ...parts, onChanged: () => planner.poke() });
  const room = disks.forCommits;
  const messenger = createMessenger({
    net,
    clock,
    log,
    signal,
    onMessage: (peer, message) =>
      onPeerMessage({ exchange, invitations, offers, fetcher, holdings, ...devices, log }, peer, message),
  });
  const invitations = createInvitations({ net, messenger, keeper, clock, live });
  const news = createTransferNews({ ...parts, planner: { world: () => planner.world() } });
  const fetcher = createFetcher(fetcherOptions({ ...parts, messenger, net, news }));
  const peers = createPeerKeeper({ net, self: keys.device, clock, random, log, signal });
  const presence = createPresence(parts);
  const planner = createPlanner({
    ...{ self: keys, policy: parts.policy, net, disk: disks.forFiles, clock, log, signal },
    journal: keeper.state,
    request: async (file, device) => void (await fetcher.request(file, device, { signal: disks.forFiles.whileRoom() })),
    onPlanned() {
      evicting.poke();
      plans.publish('planned');
    },
  });
  const evicting = createEvicting({ ...parts, planner });
  // Every fact about a file may change what is to be done next.
  keeper.listen(planner.note);
  keeper.listen((records) => tellSubscribers(records, { ...parts, planner, news }));
  const offers = createOffers({ ...parts, net, messenger, planner });
  keeper.listen(offers.note);
  const exchange = createCommitExchange({
    ...{ self: keys, net, messenger, log, clock, random, signal, room },
    conversation: (id) => live.get(id),
    isRevoked: (peer) => devices.standing.isRevoked(peer),
    isRefused: (head, from) => refusalOf(keeper.state().quarantine, head, from) !== undefined,
    leftAloneUntil: (id, from) => leftAloneUntil(keeper.state().quarantine, id, from),
    onPulled: (pulled) => takePulled({ ...parts, growth }, pulled),
  });
  const holdings = createHoldingsExchange({ ...parts, self: keys, net, messenger, planner });
  keeper.listen(holdings.note);
  const deletions = createDeletions({ ...parts, fetcher });
  const growth = createGrowth({
    ...{ ...parts, exchange, invitations, peers, planner, presence, deletions, holdings, recheckLinks: net.recheck },
    devices: () => devices,
  });
  const devices: WiredDevices = wireDevices({ ...parts, net, messenger, growth, room, recheckLinks: net.recheck });
  const intents = createIntents(parts, { growth, fetcher });

  return {
    ...{ messenger, exchange, invitations, fetcher, peers, planner, presence, growth },
    ...{ holdings, disks, offers, intents },
    ...devices,
    startOn(started) {
      net.fill(started);
      devices.own.start();
      planner.poke();
    },
    async idle() {
      const { own } = devices;
      await Promise.all([exchange.idle(), peers.ended(), presence.idle(), own.ended(), evicting.idle()]);
    },
  };
}
