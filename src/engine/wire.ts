/** The one place where the parts of an engine are put together. */
import { createFetcher, type Fetcher } from '../fetcher/fetcher.ts';
import type { Net } from '../net/net.ts';
import type { Policy } from '../projections/policy/policy.ts';
import { type CommitExchange, createCommitExchange } from './commit-exchange.ts';
import { createDeletions } from './deletions.ts';
import type { EngineParts } from './engine-parts.ts';
import { fetcherOptions } from './fetcher-ports.ts';
import { createGrowth, type Growth } from './growth.ts';
import { createIntents, type Intents } from './intents.ts';
import { createInvitations, type Invitations } from './invitations.ts';
import { createMessenger, type Messenger } from './messenger.ts';
import { createNetSlot } from './net-slot.ts';
import { onPeerMessage } from './peer-handlers.ts';
import { createPeerKeeper, type PeerKeeper } from './peer-keeper.ts';
import { createPlanner, type Planner } from './planner.ts';
import { createPresence, type Presence } from './presence.ts';
import { takePulled } from './take-pulled.ts';

export interface Wired {
  readonly messenger: Messenger;
  readonly exchange: CommitExchange;
  readonly invitations: Invitations;
  readonly fetcher: Fetcher;
  readonly peers: PeerKeeper;
  readonly planner: Planner;
  readonly presence: Presence;
  readonly growth: Growth;
  readonly intents: Intents;
  /** From now on the network is there. */
  startOn(net: Net): void;
  /** Resolves when nothing goes on in the background; call after the signal has fired. */
  idle(): Promise<void>;
}

export function wire(parts: EngineParts, policy: Policy): Wired {
  const { keys, keeper, clock, random, log, live, feed, signal } = parts;
  const net = createNetSlot();
  let recheck = () => {};

  const messenger = createMessenger({
    net,
    log,
    signal,
    onMessage: (peer, message) => onPeerMessage({ exchange, invitations, fetcher, log }, peer, message),
  });
  const invitations = createInvitations({ net, messenger, keeper, clock, live });
  const fetcher = createFetcher(fetcherOptions({ ...parts, messenger, net, policy }));
  const peers = createPeerKeeper({ net, self: keys.device, clock, random, log, signal });
  const presence = createPresence(parts);
  const planner = createPlanner({
    self: keys.device,
    policy,
    net,
    clock,
    log,
    signal,
    journal: keeper.state,
    request: async (file, device) => void (await fetcher.request(file, device, { signal })),
    onPlanned: () => feed.publish({ conversation: undefined, change: { kind: 'planned' } }),
  });
  // Every fact about a file may change what is to be done next.
  keeper.listen(planner.note);
  const exchange = createCommitExchange({
    self: keys.device,
    net,
    messenger,
    log,
    clock,
    signal,
    conversation: (id) => live.get(id),
    isRefused: (head) => keeper.state().refused.has(head),
    onPulled: (pulled) => takePulled({ ...parts, growth }, pulled),
  });
  const recheckLinks = () => recheck();
  const deletions = createDeletions({ ...parts, policy, fetcher });
  const growth = createGrowth({ ...parts, exchange, invitations, peers, planner, presence, deletions, recheckLinks });
  const intents = createIntents(parts, { growth, fetcher });

  return {
    messenger,
    exchange,
    invitations,
    fetcher,
    peers,
    planner,
    presence,
    growth,
    intents,
    startOn(started) {
      net.fill(started);
      recheck = () => started.recheck();
      growth.keepLinks();
      planner.poke();
    },
    idle: async () => void (await Promise.all([exchange.idle(), peers.ended(), presence.idle()])),
  };
}
