import { SyncError } from '../../errors.ts';
import { PATH_STREAMS, RELAY_HEAD_START_MS } from '../../limits.ts';
import type { Clock, Log, Random } from '../../ports.ts';
import type { Address } from '../address.ts';
import { isLoopbackOnly } from '../addresses/host-choice.ts';
import type { OwnAddresses } from '../addresses/own-addresses.ts';
import { ipReach } from '../ip-address.ts';
import { reasonOf } from '../reason-of.ts';
import type { DialSecure, ProvedStream, SecureStreams } from '../secure/secure-streams.ts';
import { ACTIVE_PORT, type Candidate, tcpPriority } from '../signalling/candidate.ts';
import { type Description, newCredentials } from '../signalling/description.ts';
import { failuresIn, staggered } from '../staggered.ts';
import { type SharedRelay, shareRelay } from '../turn/shared-relay.ts';
import { openTcpRelay } from '../turn/tcp-relay.ts';
import { connectToTurn } from '../turn/turn-connection-adapter.ts';
import type { TurnServer } from '../turn/turn-server.ts';
import type { PathAttempt, PathAttemptOptions, PathMaker } from './path.ts';
import { dialPair, expectPairs, type Half } from './stream-pair.ts';

export interface TcpRelayPathOptions {
  readonly streams: SecureStreams;
  readonly own: OwnAddresses;
  /** In the order in which they are tried. */
  readonly servers: readonly TurnServer[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * TCP through a relay (RFC 6062), with the same TLS on top as everywhere. One of the two devices needs a place on a relay;
 * the other connects to it as to any address. When both have one and cannot even do that, one relay connects to the other.
 * Each direction has a connection of its own.
 */
export function createTcpRelayPaths(options: TcpRelayPathOptions): PathMaker {
  const servers = options.servers.filter(({ transports }) => transports.some((transport) => transport !== 'udp'));
  return {
    kind: 'tcp-relay',
    holdsCandidatesBack: false,
    attempt: (attempt) => new TcpRelayAttempt({ ...attempt, ...options, servers }),
    close() {},
  };
}

/** A place, and who gave it. */
interface Place extends SharedRelay {
  readonly server: TurnServer;
}

class TcpRelayAttempt implements PathAttempt {
  readonly #options: PathAttemptOptions & TcpRelayPathOptions;
  readonly #released = new AbortController();
  #own: Place | undefined;
  #stopExpecting = () => {};

  constructor(options: PathAttemptOptions & TcpRelayPathOptions) {
    this.#options = options;
  }

  async describe(offer: Description | undefined): Promise<Description> {
    const { streams, peer, random } = this.#options;
    const credentials = newCredentials(random);
    const onStream = (stream: ProvedStream) => this.#handOver(stream);
    this.#stopExpecting = expectPairs({ streams, credentials, device: peer.device, onStream });
    this.#own = await this.#reserve();
    if (this.#released.signal.aborted) this.release();
    this.#released.signal.throwIfAborted();
    if (offer !== undefined) {
      if (this.#own === undefined && this.#routesTo(offer).length === 0)
        throw new SyncError('RELAY_LOST', { detail: 'neither device has a place on a relay' });
      // Before the offerer hears of it, and comes.
      await this.#permit(offer);
    }
    return { ...credentials, candidates: this.#candidates(), fingerprint: undefined };
  }

  connect(remote: Description): void {
    void this.#connect(remote).catch((error: unknown) => {
      if (this.#released.signal.aborted) return;
      const reasons = failuresIn(error).map(reasonOf);
      this.#options.onOwnTriesFailed([...new Set(reasons)].join('; '));
    });
  }

  addCandidates(): void {}

  release(): void {
    this.#stopExpecting();
    this.#released.abort(new SyncError('CANCELLED', { what: 'The path through a relay' }));
    this.#own?.release();
    this.#own = undefined;
  }

  /** A place on the first relay that gives us one; undefined when there is none to ask. Throws RELAY_LOST when all fail. */
  async #reserve(): Promise<Place | undefined> {
    const { servers, clock, log } = this.#options;
    const { signal } = this.#released;
    if (servers.length === 0) return undefined;
    const tries = servers.map((server) => (inner: AbortSignal) => this.#open(server, inner));
    const discard = (late: Place) => late.release();
    try {
      return await staggered(tries, { headStart: RELAY_HEAD_START_MS, clock, signal, discard });
    } catch (error) {
      signal.throwIfAborted();
      const detail = failuresIn(error).map(reasonOf).join('; ');
      log.warn('no relay has a place for this device', { reason: detail });
      // The other device may have one.
      return undefined;
    }
  }

  async #open(server: TurnServer, opening: AbortSignal): Promise<Place> {
    const { clock, random, log, streams, own } = this.#options;
    const hosts = own.list({ isLocal: false }).map(({ host }) => host);
    let shared: SharedRelay | undefined;
    const relay = await openTcpRelay({
      ...{ server, clock, random, log, opening },
      // Everybody reaches IPv4 but those who have nothing but IPv6; those have a place of their own family.
      family: hosts.every((host) => host.includes(':')) && hosts.length > 0 ? 6 : 4,
      connect: (to, signal) => connectToTurn(to, { signal }),
      onConnection: (stream) => {
        shared?.keepFor(stream);
        if (this.#released.signal.aborted || shared === undefined) stream.destroy();
        else streams.answerOver(stream);
      },
      onLost: (reason) => log.debug('the place on a relay is lost', { reason }),
    });
    shared = shareRelay(relay);
    return { ...shared, server };
  }

  /** Where we are reached, and from where we come, which the other side's relay has to let in. */
  #candidates(): readonly Candidate[] {
    const { relay } = this.#own ?? {};
    const own = this.#options.own.list({ isLocal: false }).map(({ host }, rank) => activeOne('host', { host, rank }));
    if (relay === undefined) return own;
    const { host: address, port } = relay.relayed;
    const priority = tcpPriority('relay', 'passive');
    const relayed: Candidate = { transport: 'tcp', type: 'relay', tcpType: 'passive', address, port, priority };
    const mapped = relay.mapped === undefined ? [] : [activeOne('srflx', { ...relay.mapped, rank: 0 })];
    return [relayed, ...mapped, ...own];
  }

  /** Lets the other side in, whichever of its addresses it comes from. Addresses that the relay refuses do not matter. */
  async #permit({ candidates }: Description): Promise<void> {
    const hosts = new Set(candidates.map(({ address }) => address));
    const permits = [...hosts].slice(0, PATH_STREAMS).map((host) => this.#own?.relay.permit(host));
    for (const result of await Promise.allSettled(permits))
      if (result.status === 'rejected')
        this.#options.log.debug('a relay does not let an address in', { reason: reasonOf(result.reason) });
  }

  async #connect(remote: Description): Promise<void> {
    const { streams, peer, clock } = this.#options;
    const { signal } = this.#released;
    void this.#permit(remote);
    const routes = this.#routesTo(remote);
    const direct = routes.map((route) => (_: Half, to: DialSecure) => streams.dial(route, to));
    const own = this.#own;
    const relayed = own === undefined ? [] : this.#dialsFrom(own, remote);
    if (direct.length + relayed.length === 0)
      throw new SyncError('RELAY_LOST', { detail: 'the other device has no place on a relay' });
    // Straight once more at the end, since the other side's relay may not have let us in yet.
    const dials = [...direct.slice(0, PATH_STREAMS / 2), ...relayed, ...direct].slice(0, PATH_STREAMS);
    const to = { credentials: remote, device: peer.device };
    const tries = dials.map((dial, number) => (inner: AbortSignal) => dialPair({ ...to, number, dial, signal: inner }));
    const discard = ({ stream }: ProvedStream) => void stream.destroy();
    this.#handOver(await staggered(tries, { headStart: RELAY_HEAD_START_MS, clock, signal, discard }));
  }

  /** From our relay to the other side's places. A relay connects to addresses of the family of its own only (RFC 8656 §9.1). */
  #dialsFrom(own: Place, remote: Description) {
    const isIpv6 = own.relay.relayed.host.includes(':');
    const targets = relayedOnes(remote, this.#options.own).filter(({ host }) => host.includes(':') === isIpv6);
    return targets.map((target) => (_: Half, to: DialSecure) => this.#dialFromRelay(own.server, target, to));
  }

  /**
   * From a place of its own: from one place a relay connects to an address only once (RFC 6062 §5.2), and two places that
   * connect to each other at the same time have one connection, of which both ends take themselves for who connects.
   */
  async #dialFromRelay(server: TurnServer, target: Address, to: DialSecure): Promise<ProvedStream> {
    const { relay, keepFor, release } = await this.#open(server, to.signal);
    try {
      await relay.permit(target.host);
      const stream = await relay.dial(target, { signal: to.signal });
      keepFor(stream);
      return await this.#options.streams.dialOver(stream, to);
    } finally {
      release();
    }
  }

  /** How the other side's places are connected to from here, without a relay of our own. */
  #routesTo(remote: Description) {
    const { own } = this.#options;
    return relayedOnes(remote, own).flatMap(({ host, port }) =>
      own.routesTo(host, { isLocal: false }).map((route) => ({ ...route, port })),
    );
  }

  #handOver(stream: ProvedStream): void {
    if (this.#released.signal.aborted) stream.stream.destroy();
    else this.#options.onStream({ ...stream, isRelayed: true });
  }
}

function activeOne(type: 'host' | 'srflx', { host: address, rank }: { host: string; rank: number }): Candidate {
  const priority = tcpPriority(type, 'active', rank);
  return { transport: 'tcp', type, tcpType: 'active', address, port: ACTIVE_PORT, priority };
}

/** The other side's places, but for those on somebody's own machine, which are for who is on one. */
function relayedOnes({ candidates }: Description, { hosts }: OwnAddresses): readonly Address[] {
  const isNear = ({ address }: Candidate) => (ipReach(address) === 'host') === isLoopbackOnly(hosts);
  return candidates
    .filter((candidate) => candidate.type === 'relay' && candidate.tcpType === 'passive' && isNear(candidate))
    .map(({ address: host, port }) => ({ host, port }))
    .slice(0, PATH_STREAMS / 2);
}
