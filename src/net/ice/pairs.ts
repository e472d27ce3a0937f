import { ICE_PAIRS } from '../../limits.ts';
import { areCounterparts } from '../addresses/route.ts';
import type { Candidate } from '../signalling/candidate.ts';

/** Who decides on the pair (RFC 8445 §4): the dialer is `controlling` at first. */
export type IceRole = 'controlling' | 'controlled';

/** From where we connect to where. */
export interface CandidatePair {
  readonly local: Candidate;
  readonly remote: Candidate;
  readonly priority: bigint;
}

/** RFC 8445 §6.1.2.3: the same number on both sides. */
export function pairPriority(role: IceRole, { local, remote }: { local: number; remote: number }): bigint {
  const [controlling, controlled] = role === 'controlling' ? [local, remote] : [remote, local];
  const [low, high] = [Math.min(local, remote), Math.max(local, remote)];
  return 2n ** 32n * BigInt(low) + 2n * BigInt(high) + (controlling > controlled ? 1n : 0n);
}

/**
 * The connections that are ours to make, best first: active to passive, and simultaneous-open ends to each other
 * (RFC 6544 §6.2). What comes in to our passive ends makes pairs of its own.
 */
export function pairsToConnect(
  role: IceRole,
  locals: readonly Candidate[],
  remotes: readonly Candidate[],
): readonly CandidatePair[] {
  const pairs = locals.flatMap((local) =>
    remotes
      .filter((remote) => canConnect(local, remote))
      .map((remote) => ({
        ...{ local, remote },
        priority: pairPriority(role, { local: local.priority, remote: remote.priority }),
      })),
  );
  return pairs.toSorted((a, b) => (a.priority < b.priority ? 1 : -1)).slice(0, ICE_PAIRS);
}

function canConnect(local: Candidate, remote: Candidate): boolean {
  // What a server sees of us is no address that we connect from.
  const isReachable = local.type !== 'host' || areCounterparts(local.address, remote.address);
  const isSameFamily = local.address.includes(':') === remote.address.includes(':');
  if (!isSameFamily || !isReachable || local.transport !== 'tcp' || remote.transport !== 'tcp') return false;
  return local.tcpType === 'active' ? remote.tcpType === 'passive' : local.tcpType === 'so' && remote.tcpType === 'so';
}
