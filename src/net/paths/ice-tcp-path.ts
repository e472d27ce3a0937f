import { SyncError } from '../../errors.ts';
import type { Clock, Random } from '../../ports.ts';
import type { Address } from '../address.ts';
import type { OwnAddresses } from '../addresses/own-addresses.ts';
import { IceTcpAgent, type SelectedSocket } from '../ice/ice-tcp-adapter.ts';
import { reasonOf } from '../reason-of.ts';
import type { ProvedStream, SecureStreams } from '../secure/secure-streams.ts';
import { type Credentials, type Description, newCredentials, sessionNameOf } from '../signalling/description.ts';
import type { PathAttempt, PathAttemptOptions, PathMaker } from './path.ts';

export interface IceTcpPathOptions {
  readonly streams: SecureStreams;
  readonly own: OwnAddresses;
  /** Servers that say from where they see us come, over TCP. */
  readonly stunServers: readonly Address[];
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * TCP by ICE (RFC 6544): what a plain connection does, and through NATs that let in who was called. TLS runs on the
 * connection that was nominated; the controlling side is the client.
 */
export function createIceTcpPaths(options: IceTcpPathOptions): PathMaker {
  return {
    kind: 'ice-tcp',
    holdsCandidatesBack: false,
    attempt: (attempt) => new IceTcpAttempt({ ...attempt, ...options, credentials: newCredentials(options.random) }),
    close() {},
  };
}

interface IceTcpAttemptOptions extends PathAttemptOptions, IceTcpPathOptions {
  readonly credentials: Credentials;
}

class IceTcpAttempt implements PathAttempt {
  readonly #options: IceTcpAttemptOptions;
  readonly #agent: IceTcpAgent;
  readonly #released = new AbortController();
  #stopExpecting = () => {};

  constructor(options: IceTcpAttemptOptions) {
    this.#options = options;
    this.#agent = new IceTcpAgent({
      ...options,
      role: options.isDialer ? 'controlling' : 'controlled',
      onExhausted: () => options.onOwnTriesFailed('no address of it could be connected to'),
    });
  }

  async describe(offer: Description | undefined): Promise<Description> {
    const { streams, credentials, peer } = this.#options;
    const candidates = await this.#agent.gather();
    const name = sessionNameOf(credentials);
    this.#stopExpecting = streams.expect({ name, device: peer.device, onStream: (stream) => this.#handOver(stream) });
    if (offer !== undefined) this.#begin(offer);
    return { ...credentials, candidates, fingerprint: undefined };
  }

  /** The answerer has begun with the offer: ends that connect to each other have to do so at about the same time. */
  connect(remote: Description): void {
    if (this.#options.isDialer) this.#begin(remote);
  }

  addCandidates(): void {}

  release(): void {
    this.#stopExpecting();
    this.#released.abort(new SyncError('CANCELLED', { what: 'The TCP path by ICE' }));
    this.#agent.close();
  }

  #begin(remote: Description): void {
    const { own, isLocal } = this.#options;
    const candidates = remote.candidates.filter(({ address }) => own.routesTo(address, { isLocal }).length > 0);
    this.#agent.begin({ ...remote, candidates });
    this.#agent.selected
      .then((selected) => this.#secure(selected, remote))
      .catch((error: unknown) => {
        if (!this.#released.signal.aborted) this.#options.onFailed(reasonOf(error));
      });
  }

  async #secure({ socket, role }: SelectedSocket, remote: Description): Promise<void> {
    const { streams, peer } = this.#options;
    if (this.#released.signal.aborted) socket.destroy();
    else if (role === 'controlled') streams.answerOver(socket);
    else {
      const to = { name: sessionNameOf(remote), device: peer.device, signal: this.#released.signal };
      this.#handOver(await streams.dialOver(socket, to));
    }
  }

  #handOver(stream: ProvedStream): void {
    if (this.#released.signal.aborted) stream.stream.destroy();
    else this.#options.onStream(stream);
  }
}
