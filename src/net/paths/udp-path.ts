import type { Duplex } from 'node:stream';
import { SyncError } from '../../errors.ts';
import { UDP_GATHERING_MS } from '../../limits.ts';
import type { Clock, Random } from '../../ports.ts';
import { onlyHostOf } from '../addresses/host-choice.ts';
import type { OwnAddresses } from '../addresses/own-addresses.ts';
import { DataPeer, useDataChannels } from '../data-channel/data-channel-adapter.ts';
import { reasonOf } from '../reason-of.ts';
import type { ProvedStream, SecureStreams } from '../secure/secure-streams.ts';
import { type Credentials, type Description, newCredentials, sessionNameOf } from '../signalling/description.ts';
import { credentialsFor, type TurnServer } from '../turn/turn-server.ts';
import type { PathAttempt, PathAttemptOptions, PathMaker } from './path.ts';
import { isRelayWorthy } from './relay-worthy.ts';

export interface UdpPathOptions {
  readonly kind: 'udp' | 'udp-relay';
  /** Relays that may help, besides the straight way. */
  readonly servers: readonly TurnServer[];
  readonly streams: SecureStreams;
  readonly own: OwnAddresses;
  readonly clock: Clock;
  readonly random: Random;
}

/** UDP by ICE, as a data channel, with the same TLS on top as everywhere. The dialer is the TLS client. */
export function createUdpPaths(options: UdpPathOptions): PathMaker {
  return {
    kind: options.kind,
    // Else the answerer's first DTLS flight comes before the offerer is ready, and is repeated only a second later.
    holdsCandidatesBack: true,
    attempt: (attempt) => new UdpAttempt({ ...attempt, ...options, credentials: newCredentials(options.random) }),
    close: useDataChannels(),
  };
}

interface UdpOptions extends PathAttemptOptions, UdpPathOptions {
  readonly credentials: Credentials;
}

class UdpAttempt implements PathAttempt {
  readonly #options: UdpOptions;
  readonly #released = new AbortController();
  #data: DataPeer | undefined;
  #stopExpecting = () => {};
  #isHandedOver = false;

  constructor(options: UdpOptions) {
    this.#options = options;
  }

  async describe(offer: Description | undefined): Promise<Description> {
    const { streams, own, credentials, peer, servers, clock } = this.#options;
    if (offer !== undefined) requireFingerprint(offer);
    const now = clock.now();
    const relays = servers.map(({ address, login }) => ({ ...address, ...credentialsFor(login, now) }));
    this.#data = new DataPeer({ bindAddress: onlyHostOf(own.hosts), credentials, offer, relays });
    if (offer !== undefined) {
      const name = sessionNameOf(credentials);
      const onStream = (stream: ProvedStream) => this.#handOver(stream);
      this.#stopExpecting = streams.expect({ name, device: peer.device, onStream });
      void this.#whenOpen((stream) => streams.answerOver(stream));
    }
    const description = await this.#data.describe(clock.wait(UDP_GATHERING_MS, this.#released.signal));
    const hosts = own.list({ isLocal: false }).map(({ host }) => host);
    // The library tells of all that the machine has.
    const candidates = description.candidates.filter(({ type, address }) => type !== 'host' || hosts.includes(address));
    return { ...description, candidates };
  }

  connect(remote: Description): void {
    const { isDialer, streams, peer, onFailed } = this.#options;
    // The answerer has known the offer since it described itself.
    if (!isDialer) return;
    try {
      requireFingerprint(remote);
      this.#data?.accept(remote);
      this.addCandidates(remote);
    } catch (error) {
      onFailed(reasonOf(error));
      return;
    }
    const to = { name: sessionNameOf(remote), device: peer.device, signal: this.#released.signal };
    void this.#whenOpen(async (stream) => this.#handOver(await streams.dialOver(stream, to)));
  }

  addCandidates(remote: Description): void {
    const { own, servers } = this.#options;
    const relays = servers.map(({ address }) => address);
    for (const candidate of remote.candidates) {
      const { address, transport } = candidate;
      const isReachable = own.routesTo(address, { isLocal: false }).length > 0 && isRelayWorthy(address, relays);
      if (transport === 'udp' && isReachable) this.#data?.addCandidate(candidate);
    }
  }

  release(): void {
    this.#stopExpecting();
    this.#released.abort(new SyncError('CANCELLED', { what: 'The UDP path' }));
    if (!this.#isHandedOver) this.#data?.close();
  }

  async #whenOpen(use: (stream: Duplex) => unknown): Promise<void> {
    try {
      const stream = await this.#data?.opened;
      if (stream) await use(stream);
    } catch (error) {
      if (!this.#released.signal.aborted) this.#options.onFailed(reasonOf(error));
    }
  }

  #handOver(stream: ProvedStream): void {
    if (this.#released.signal.aborted) {
      stream.stream.destroy();
      return;
    }
    this.#isHandedOver = true;
    this.#options.onStream({ ...stream, ...this.#data?.path() });
  }
}

function requireFingerprint({ fingerprint }: Description): void {
  if (fingerprint === undefined)
    throw new SyncError('MALFORMED', { what: 'path description', detail: 'a UDP path without a fingerprint' });
}
