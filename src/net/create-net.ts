import { setMaxListeners } from 'node:events';
import { withDeadline } from '../deadline.ts';
import { SyncError } from '../errors.ts';
import type { DeviceKeys } from '../identity/identity.ts';
import { GOODBYE_MS } from '../limits.ts';
import type { Clock, Log, Random } from '../ports.ts';
import { type Address, formatAddress } from './address.ts';
import { onAddressChange, onReachable } from './address-change.ts';
import { isLoopbackOnly, LOOPBACK_ONLY, parseHostChoice } from './addresses/host-choice.ts';
import { readInterfaces } from './addresses/interfaces-adapter.ts';
import { zonedHost } from './addresses/own-address.ts';
import { createOwnAddresses, type OwnAddresses } from './addresses/own-addresses.ts';
import { createAnswerer } from './answerer.ts';
import { type BetterPaths, createBetterPaths } from './better-paths/better-paths.ts';
import { dhtKeyOf } from './dht/hyperdht-adapter.ts';
import { createDialer, type Dialer } from './dialer.ts';
import { type DhtMembership, NO_DHT } from './discovery/dht-membership.ts';
import { enterDhtAndGates } from './discovery/enter-dht-and-gates.ts';
import { createFinder, type Finder } from './discovery/finder.ts';
import { type JoinedLan, joinLan } from './discovery/join-lan.ts';
import { accountTopic, deviceTopic } from './discovery/topic.ts';
import { LinkBook } from './link-book.ts';
import { keepPort } from './mapping/keep-port.ts';
import { NO_MAPPING, type PortMapping } from './mapping/port-mapping.ts';
import { type Net, type NetHandlers, PATH_KINDS, type PathKind } from './net.ts';
import { createIceTcpPaths } from './paths/ice-tcp-path.ts';
import type { PathMaker } from './paths/path.ts';
import { createTcpPaths } from './paths/tcp-path.ts';
import { createTcpRelayPaths } from './paths/tcp-relay-path.ts';
import { createUdpPaths } from './paths/udp-path.ts';
import type { RingStore } from './records/answered-rings.ts';
import { createKnownChains } from './secure/known-chains.ts';
import { createSecureStreams, type SecureStreams } from './secure/secure-streams.ts';
import { createIntroductions } from './signalling/introduction.ts';
import type { SignalStream } from './signalling/signal-stream.ts';
import type { TurnServer } from './turn/turn-server.ts';

export interface NetOptions {
  readonly keys: DeviceKeys;
  /** 32 bytes that make the device's key in the DHT. The same for as long as the device lives. */
  readonly dhtSeed: Uint8Array;
  /** Where rings that were answered are remembered; without it, they are forgotten when the process ends. */
  readonly rings?: RingStore;
  /** DHT nodes to begin with; none means to stay alone. No other host is ever contacted unasked. */
  readonly bootstrap: readonly Address[];
  /**
   * The addresses of this machine to listen on and to connect from: `any`, or IP addresses; 127.0.0.1 by default. Of those
   * that come and go the ones are used that are there.
   */
  readonly host?: string | readonly string[];
  /** Whether devices on the local network are found without a DHT. By default unless `host` is the loopback. */
  readonly lan?: boolean;
  /** Whether the router on the way to the internet is asked to let others in to this device, by TCP. It is not by default. */
  readonly portMapping?: boolean;
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

/**
 * Joins the DHT, its gates and the local network, announces this device, and answers others. A DHT that is not reached is tried again,
 * unless there is no other way. Throws USAGE, BOOTSTRAP_UNREACHABLE, LISTEN_FAILED, the signal's reason.
 */
export async function createNet(options: NetOptions, makePaths = pathMakers): Promise<Net> {
  const { keys, dhtSeed: seed, clock, log, handlers } = options;
  const hosts = parseHostChoice(options.host ?? LOOPBACK_ONLY);
  options.signal.throwIfAborted();
  const closed = new AbortController();
  const signal = AbortSignal.any([options.signal, closed.signal]);
  // Whatever waits in the net waits on this signal: that there are many is no leak.
  setMaxListeners(0, signal);
  const own = createOwnAddresses({ hosts, readInterfaces, clock, log, signal });
  const known = createKnownChains();
  const streams = await createSecureStreams({ keys, hosts, known, clock, log });
  const mapping = options.portMapping ? keepPort({ ...options, own, portAt: streams.portAt }) : NO_MAPPING;
  const makers = makePaths(options, { streams, own, mapping });
  const introductions = createIntroductions({ keys, ownKey: dhtKeyOf(seed), known, clock });
  const book = new LinkBook({ self: keys.device, handlers, clock, log });
  const shared = { ...options, introductions, book, makers, signal };
  const parts: Parts = { own, streams, mapping, makers, book, closed, clock, dht: NO_DHT, lan: undefined };
  let setReady = () => {};
  const ready = new Promise<void>((resolve) => {
    setReady = resolve;
  });
  try {
    const answer = createAnswerer(shared);
    // Whoever is first waits until all is in its place: a link that comes up is used at once.
    const onStream = (stream: SignalStream) => void ready.then(() => answer(stream));
    const topics = [accountTopic(keys.account), deviceTopic(keys.device)];
    const { lan: wantsLan = !isLoopbackOnly(hosts) } = options;
    if (wantsLan) parts.lan = await joinLan({ seed, own, topics, clock, log, onStream });
    const isOnlyWay = parts.lan === undefined;
    const onFoundAgain = () => void ready.then(() => onReachable({ betterPaths, handlers }));
    parts.dht = await enterDhtAndGates({ ...options, seed, own, topics, isOnlyWay, onStream, onFoundAgain, signal });
    options.signal.throwIfAborted();
    const finder = createFinder({
      discoveries: [parts.dht.discovery, ...(parts.lan ? [parts.lan.discovery] : [])],
      introductions,
      clock,
      log,
      signal,
      onTurnedAway: handlers.onTurnedAway.bind(handlers),
    });
    const dialer = createDialer({ ...shared, finder });
    const kinds = makers.map(({ kind }) => kind);
    const betterPaths = createBetterPaths({ kinds, move: dialer.move, clock, log, signal });
    book.watch(betterPaths.onChange);
    setReady();
    mapping.watch(() => onReachable({ betterPaths, handlers }));
    own.watch((change) => onAddressChange(change, { ...parts, betterPaths, handlers }));
    return frontOf({
      ...parts,
      finder,
      dialer,
      betterPaths,
      close: onlyOnce(() => closeNet(parts)),
      closed: signal,
    });
  } catch (error) {
    await closeNet(parts);
    throw error;
  }
}

/** What paths of all kinds stand on. */
export interface PathGround {
  readonly streams: SecureStreams;
  readonly own: OwnAddresses;
  readonly mapping: PortMapping;
}

/**
 * A relay over UDP has to be ours; one over TCP may be the other side's. TCP by ICE gets further than plain TCP only with
 * a server that says from where it sees us come, as relays do.
 */
export function pathMakers({ relays: servers = [], ...options }: NetOptions, ground: PathGround): readonly PathMaker[] {
  const { clock, random, log } = options;
  const overUdp = servers.filter(({ transports }) => transports.includes('udp'));
  const overTcp = servers.filter(({ transports }) => transports.includes('tcp'));
  const stunServers = overTcp.map(({ address }) => address);
  const useless = new Set<PathKind>();
  if (overUdp.length === 0) useless.add('udp-relay');
  if (overTcp.length === 0) useless.add('ice-tcp');
  const usual = PATH_KINDS.filter((kind) => !useless.has(kind));
  const makers: { readonly [Kind in PathKind]: () => PathMaker } = {
    tcp: () => createTcpPaths({ ...ground, clock, random }),
    'ice-tcp': () => createIceTcpPaths({ ...ground, stunServers, clock, random }),
    udp: () => createUdpPaths({ kind: 'udp', servers: [], ...ground, clock, random }),
    'tcp-relay': () => createTcpRelayPaths({ ...ground, servers, clock, random, log }),
    'udp-relay': () => createUdpPaths({ kind: 'udp-relay', servers: overUdp, ...ground, clock, random }),
  };
  return (options.paths ?? usual).map((kind) => makers[kind]());
}

interface Front extends Pick<Parts, 'own' | 'streams' | 'mapping' | 'book' | 'dht'> {
  readonly finder: Finder;
  readonly dialer: Dialer;
  readonly betterPaths: BetterPaths;
  readonly closed: AbortSignal;
  close(): Promise<void>;
}

function frontOf({ finder, dialer, betterPaths, book, streams, own, mapping, dht, closed, close }: Front): Net {
  // It depends on the signal that was given, and leaves nothing there when the net is closed first.
  closed.addEventListener('abort', () => void close(), { once: true });
  return {
    get addresses() {
      return own.list({ isLocal: true }).flatMap((address) => {
        const port = streams.portAt(address);
        return port === undefined ? [] : [formatAddress({ host: zonedHost(address), port })];
      });
    },
    dht: () => dht.state(),
    portMapping: () => mapping.state(),
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
interface Parts extends PathGround {
  readonly makers: readonly PathMaker[];
  readonly book: LinkBook;
  readonly closed: AbortController;
  readonly clock: Clock;
  dht: DhtMembership;
  lan: JoinedLan | undefined;
}

/** Says goodbye to peers, to the DHT and to the router, within a deadline, and frees every socket in any case. */
async function closeNet({ dht, lan, streams, mapping, makers, book, closed, clock }: Parts): Promise<void> {
  closed.abort(new SyncError('CANCELLED', { what: 'The net' }));
  const deadline = { what: 'Leaving the network', ms: GOODBYE_MS, clock, signal: new AbortController().signal };
  const farewells = (inner: AbortSignal) =>
    Promise.all([book.closeAll(CLOSING), dht.unannounce(), mapping.close({ signal: inner })]);
  await withDeadline(deadline, farewells).catch(() => {});
  await Promise.all([streams.close(), lan?.close(), dht.close()]);
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
