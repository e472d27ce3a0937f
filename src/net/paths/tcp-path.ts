import { SyncError } from '../../errors.ts';
import { ADDRESS_HEAD_START_MS, PATH_MAPPED_ADDRESSES, PATH_STREAMS } from '../../limits.ts';
import type { Clock, Random } from '../../ports.ts';
import type { Address } from '../address.ts';
import type { OwnAddresses } from '../addresses/own-addresses.ts';
import type { PortMapping } from '../mapping/port-mapping.ts';
import { reasonOf } from '../reason-of.ts';
import type { ProvedStream, SecureStreams } from '../secure/secure-streams.ts';
import { type Candidate, type CandidateType, tcpPriority } from '../signalling/candidate.ts';
import { type Description, newCredentials, sessionNameOf } from '../signalling/description.ts';
import { failuresIn, staggered } from '../staggered.ts';
import type { PathAttempt, PathAttemptOptions, PathMaker } from './path.ts';

export interface TcpPathOptions {
  readonly streams: SecureStreams;
  readonly own: OwnAddresses;
  readonly mapping: Pick<PortMapping, 'external'>;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * TCP straight from one device to the other. Both listen, both may connect, and who connects is the TLS client: a
 * device behind a firewall reaches one that is not, whichever of them dials.
 */
export function createTcpPaths(options: TcpPathOptions): PathMaker {
  return {
    kind: 'tcp',
    holdsCandidatesBack: false,
    attempt: (attempt) => attemptTcp({ ...attempt, ...options }),
    close() {},
  };
}

function attemptTcp(options: PathAttemptOptions & TcpPathOptions): PathAttempt {
  const { streams, clock, random, peer, onStream, onOwnTriesFailed } = options;
  const released = new AbortController();
  const { signal } = released;
  let stopExpecting = () => {};

  /** The other side's addresses one after the other, so that one that does not answer costs its head start and no more. */
  async function connect(remote: Description): Promise<void> {
    const to = { name: sessionNameOf(remote), device: peer.device };
    const tries = targetsIn(remote, options).map(
      (target) => (inner: AbortSignal) => streams.dial(target, { ...to, signal: inner }),
    );
    if (tries.length === 0) {
      onOwnTriesFailed('it named no address that can be dialled from here');
      return;
    }
    const discard = ({ stream }: ProvedStream) => void stream.destroy();
    onStream(await staggered(tries, { headStart: ADDRESS_HEAD_START_MS, clock, signal, discard }));
  }

  return {
    async describe() {
      const credentials = newCredentials(random);
      stopExpecting = streams.expect({ name: sessionNameOf(credentials), device: peer.device, onStream });
      return { ...credentials, candidates: ownCandidates(options), fingerprint: undefined };
    },
    connect(remote) {
      connect(remote).catch((error: unknown) => {
        if (!signal.aborted) onOwnTriesFailed([...new Set(failuresIn(error).map(reasonOf))].join('; '));
      });
    },
    addCandidates() {},
    release() {
      stopExpecting();
      released.abort(new SyncError('CANCELLED', { what: 'The TCP path' }));
    },
  };
}

/** The addresses of this machine and, for who is elsewhere, the one at which the router lets others in. */
function ownCandidates(options: PathAttemptOptions & TcpPathOptions): readonly Candidate[] {
  const { own, streams, mapping, isLocal } = options;
  const hosts = own.list({ isLocal }).flatMap((address, rank): Candidate[] => {
    const port = streams.portAt(address);
    return port === undefined ? [] : [passiveCandidate('host', { host: address.host, port }, rank)];
  });
  const external = isLocal ? undefined : mapping.external();
  return external === undefined ? hosts : [...hosts, passiveCandidate('srflx', external)];
}

function passiveCandidate(type: 'host' | 'srflx', { host, port }: Address, rank = 0): Candidate {
  return {
    ...{ transport: 'tcp', type, tcpType: 'passive', address: host, port },
    priority: tcpPriority(type, 'passive', rank),
  };
}

/** Best first, and only as many as are worth trying: one that a router opened always is. */
function targetsIn({ candidates }: Description, { own, isLocal }: PathAttemptOptions & TcpPathOptions) {
  const targetsOf = (type: CandidateType, count: number) =>
    candidates
      .filter((candidate) => candidate.type === type && candidate.tcpType === 'passive')
      .toSorted((a, b) => b.priority - a.priority)
      .flatMap(({ address, port }) => own.routesTo(address, { isLocal }).map((route) => ({ ...route, port })))
      .slice(0, count);
  const mapped = targetsOf('srflx', PATH_MAPPED_ADDRESSES);
  return [...targetsOf('host', PATH_STREAMS - mapped.length), ...mapped];
}
