import { setMaxListeners } from 'node:events';
import { SyncError } from '../errors.ts';
import type { DeviceKeys } from '../identity/identity.ts';
import { GOODBYE_MS } from '../limits.ts';
import type { Clock, Log, Random } from '../ports.ts';
import type { Address } from './address.ts';
import { createAnswerer } from './answerer.ts';
import { type BetterPaths, createBetterPaths } from './better-paths/better-paths.ts';
import { withDeadline } from './deadline.ts';
import { createDialer, type Dialer } from './dialer.ts';
import { announce } from './discovery/announcer.ts';
import { createDhtDiscovery } from './discovery/dht-discovery.ts';
import { createFinder, type Finder } from './discovery/finder.ts';
import { type JoinedLan, joinLan } from './discovery/join-lan.ts';
import { accountTopic, deviceTopic } from './discovery/topic.ts';
import { createDhtNode, type DhtNode, dhtKeyOf } from './hyperdht-adapter.ts';
import { ipReach } from './ip-address.ts';
import { LinkBook } from './link-book.ts';
import { type Net, type NetHandlers, PATH_KINDS, type PathKind } from './net.ts';
import { createIceTcpPaths } from './paths/ice-tcp-path.ts';
import type { PathMaker } from './paths/path.ts';
import { createTcpPaths } from './paths/tcp-path.ts';
import { createTcpRelayPaths } from './paths/tcp-relay-path.ts';
import { createUdpPaths } from './paths/udp-path.ts';
import { createKnownChains } from './secure/known-chains.ts';
import { createSecureStreams, type SecureStreams } from './secure/secure-streams.ts';
import { createIntroductions } from './signalling/introduction.ts';
import type { TurnServer } from './turn/turn-server.ts';

export interface NetOptions {
  readonly keys: DeviceKeys;
  /** 32 bytes that make the device's key in the DHT. The same for as long as the device lives. */
  readonly dhtSeed: Uint8Array;
  /** DHT nodes to begin with; none means to stay alone. No other host is ever contacted unasked. */
  readonly bootstrap: readonly Address[];
  /** The address of this machine to listen on and to connect from; 127.0.0.1 by default. */
  readonly host?: string;
  /** Whether devices on the local network are found without a DHT. By default unless `host` is the loopback. */
  readonly lan?: boolean;
  /** Kinds of path, best first; by default all that are of use. */
  readonly paths?: readonly PathKind[];
  /** TURN servers, in the order in which they are tried. None by default. */
  readonly relays?: readonly TurnServer[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly handlers: NetHandlers;
  /** Ends the net as `close` does. */
  readonly signal: AbortSignal;
}

/** Joins the DHT, announces this device, and answers others. Throws BOOTSTRAP_UNREACHABLE, LISTEN_FAILED, the signal's reason. */
export async function createNet(options: NetOptions, makePaths = pathMakers): Promise<Net> {
  const { keys, dhtSeed: seed, bootstrap, clock, log, handlers, host = '127.0.0.1' } = options;
  const { lan: wantsLan = ipReach(host) !== 'host' } = options;
  options.signal.throwIfAborted();
  const closed = new AbortController();
  const signal = AbortSignal.any([options.signal, closed.signal]);
  // Whatever waits in the net waits on this signal: that there are many is no leak.
  setMaxListeners(0, signal);
  const known = createKnownChains();
  const streams = await createSecureStreams({ keys, host, known, clock, log });
  const makers = makePaths(options, streams);
  const introductions = createIntroductions({ keys, ownKey: dhtKeyOf(seed), known, clock });
  const book = new LinkBook({ self: keys.device, handlers, clock, log });
  const shared = { ...options, introductions, book, makers, signal };
  const parts: Parts = { streams, makers, book, closed, clock, dht: undefined, lan: undefined };
  try {
    const onStream = createAnswerer(shared);
    const dht = await createDhtNode({ seed, bootstrap, host, clock, onStream });
    const topics = [accountTopic(keys.account), deviceTopic(keys.device)];
    parts.dht = { node: dht, topics };
    if (wantsLan) parts.lan = await joinLan({ seed, host, topics, clock, log, onStream });
    await announce({ dht, topics, clock, log, signal });
    options.signal.throwIfAborted();
    const discoveries = [createDhtDiscovery(dht), ...(parts.lan ? [parts.lan.discovery] : [])];
    const finder = createFinder({
      discoveries,
      introductions,
      clock,
      log,
      onTurnedAway: handlers.onTurnedAway.bind(handlers),
    });
    const dialer = createDialer({ ...shared, finder });
    const kinds = makers.map(({ kind }) => kind);
    const betterPaths = createBetterPaths({ kinds, move: dialer.move, clock, log, signal });
    book.watch(betterPaths.onChange);
    return frontOf({
      finder,
      dialer,
      betterPaths,
      book,
      streams,
      close: onlyOnce(() => closeNet(parts)),
      closed: signal,
    });
  } catch (error) {
    await closeNet(parts);
    throw error;
  }
}

/**
 * A relay over UDP has to be ours; one over TCP may be the other side's. TCP by ICE gets further than plain TCP only with
 * a server that says from where it sees us come, as relays do.
 */
export function pathMakers(
  { relays: servers = [], ...options }: NetOptions,
  streams: SecureStreams,
): readonly PathMaker[] {
  const { clock, random, log } = options;
  const overUdp = servers.filter(({ transports }) => transports.includes('udp'));
  const overTcp = servers.filter(({ transports }) => transports.includes('tcp'));
  const stunServers = overTcp.map(({ address }) => address);
  const useless = new Set<PathKind>();
  if (overUdp.length === 0) useless.add('udp-relay');
  if (overTcp.length === 0) useless.add('ice-tcp');
  const usual = PATH_KINDS.filter((kind) => !useless.has(kind));
  const makers: { readonly [Kind in PathKind]: () => PathMaker } = {
    tcp: () => createTcpPaths({ streams, random }),
    'ice-tcp': () => createIceTcpPaths({ streams, stunServers, clock, random }),
    udp: () => createUdpPaths({ kind: 'udp', servers: [], streams, clock, random }),
    'tcp-relay': () => createTcpRelayPaths({ streams, servers, clock, random, log }),
    'udp-relay': () => createUdpPaths({ kind: 'udp-relay', servers: overUdp, streams, clock, random }),
  };
  return (options.paths ?? usual).map((kind) => makers[kind]());
}

interface Front {
  readonly finder: Finder;
  readonly dialer: Dialer;
  readonly betterPaths: BetterPaths;
  readonly book: LinkBook;
  readonly streams: SecureStreams;
  readonly closed: AbortSignal;
  close(): Promise<void>;
}

function frontOf({ finder, dialer, betterPaths, book, streams, closed, close }: Front): Net {
  // It depends on the signal that was given, and leaves nothing there when the net is closed first.
  closed.addEventListener('abort', () => void close(), { once: true });
  return {
    addresses: [`${streams.address.host}:${streams.address.port}`],
    findDevices: (account, at) => finder.findDevices(account, at),
    link: async (device, at) => (await dialer.link(device, at)).view(),
    links: () => book.views(),
    seekBetterPaths: () => betterPaths.hint(),
    openChannel: async (device, name, at) => (await dialer.link(device, at)).openChannel(name, at),
    recheck: () => book.recheck(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What is to be closed. The DHT comes last; it and the local network may not be there yet. */
interface Parts {
  readonly streams: SecureStreams;
  readonly makers: readonly PathMaker[];
  readonly book: LinkBook;
  readonly closed: AbortController;
  readonly clock: Clock;
  dht: { readonly node: DhtNode; readonly topics: readonly Uint8Array[] } | undefined;
  lan: JoinedLan | undefined;
}

/** Says goodbye to peers and to the DHT, within a deadline, and frees every socket in any case. */
async function closeNet({ dht, lan, streams, makers, book, closed, clock }: Parts): Promise<void> {
  closed.abort(new SyncError('CANCELLED', { what: 'The net' }));
  const deadline = { what: 'Leaving the network', ms: GOODBYE_MS, clock, signal: new AbortController().signal };
  const goodbyes = (dht?.topics ?? []).map((topic) => dht?.node.unannounce(topic));
  await withDeadline(deadline, () => Promise.all([book.closeAll(CLOSING), ...goodbyes])).catch(() => {});
  await Promise.all([streams.close(), lan?.close(), dht?.node.close()]);
  for (const maker of makers) maker.close();
}

const CLOSING = 'the other device is closing';

function onlyOnce(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
