import { SyncError } from '../../errors.ts';
import { PATH_STREAMS } from '../../limits.ts';
import type { Random } from '../../ports.ts';
import { reasonOf } from '../reason-of.ts';
import type { SecureStreams } from '../secure/secure-streams.ts';
import { type Candidate, mayDial, tcpPriority } from '../signalling/candidate.ts';
import { type Description, newCredentials, sessionNameOf } from '../signalling/description.ts';
import type { PathAttempt, PathAttemptOptions, PathMaker } from './path.ts';

/**
 * TCP straight from one device to the other. Both listen, both may connect, and who connects is the TLS client: a
 * device behind a firewall reaches one that is not, whichever of them dials.
 */
export function createTcpPaths({ streams, random }: { streams: SecureStreams; random: Random }): PathMaker {
  return {
    kind: 'tcp',
    holdsCandidatesBack: false,
    attempt: (options) => attemptTcp({ ...options, streams, random }),
    close() {},
  };
}

interface TcpAttempt extends PathAttemptOptions {
  readonly streams: SecureStreams;
  readonly random: Random;
}

function attemptTcp({ streams, random, peer, onStream, onOwnTriesFailed }: TcpAttempt): PathAttempt {
  const released = new AbortController();
  let stopExpecting = () => {};

  return {
    async describe() {
      const credentials = newCredentials(random);
      stopExpecting = streams.expect({ name: sessionNameOf(credentials), device: peer.device, onStream });
      const { host: address, port } = streams.address;
      const priority = tcpPriority('host', 'passive');
      const candidate: Candidate = { transport: 'tcp', type: 'host', tcpType: 'passive', address, port, priority };
      return { ...credentials, candidates: [candidate], fingerprint: undefined };
    },
    connect(remote) {
      const dials = candidatesOf(remote, streams.address.host).map(async ({ address, port }) => {
        const options = { name: sessionNameOf(remote), device: peer.device, signal: released.signal };
        const stream = await streams.dial({ host: address, port }, options);
        if (released.signal.aborted) stream.stream.destroy();
        else onStream(stream);
      });
      void reportFailure(dials, onOwnTriesFailed);
    },
    addCandidates() {},
    release() {
      stopExpecting();
      released.abort(new SyncError('CANCELLED', { what: 'The TCP path' }));
    },
  };
}

/** Best first, and only as many as are worth trying at once. */
function candidatesOf(remote: Description, ownHost: string): readonly Candidate[] {
  return remote.candidates
    .filter((candidate) => candidate.type === 'host' && candidate.tcpType === 'passive' && mayDial(candidate, ownHost))
    .toSorted((a, b) => b.priority - a.priority)
    .slice(0, PATH_STREAMS);
}

async function reportFailure(dials: readonly Promise<void>[], onFailed: (reason: string) => void): Promise<void> {
  const results = await Promise.allSettled(dials);
  if (results.some(({ status }) => status === 'fulfilled')) return;
  const reasons = results.map((result) => (result.status === 'rejected' ? reasonOf(result.reason) : ''));
  onFailed(reasons.length > 0 ? [...new Set(reasons)].join('; ') : 'it named no address that can be dialled from here');
}
