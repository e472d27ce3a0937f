import { clauseOf, isSyncError, SyncError } from '../../errors.ts';
import { DOCTOR_STUN_MS } from '../../limits.ts';
import type { Clock, Random } from '../../ports.ts';
import { credentialsFor, type TurnServer } from '../turn/turn-server.ts';
import { createTurnSession } from '../turn/turn-session.ts';
import { connectToTurnByUdp } from './turn-udp-adapter.ts';

export interface Asking {
  /** An address of this machine to ask from; any when there is none. */
  readonly from: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** The number of UDP in IP's header. */
const UDP = 17;

/**
 * Why a relay gives no place by UDP: the library that speaks to relays by UDP says only that there is none, so that a refusal
 * looks like silence. Throws the signal's reason.
 */
export async function whyNoPlaceByUdp({ address, login }: TurnServer, asking: Asking): Promise<SyncError> {
  const { from, clock, random, signal } = asking;
  try {
    const stream = await connectToTurnByUdp(address, { from, signal });
    const credentials = credentialsFor(login, clock.now());
    const session = createTurnSession({ stream, credentials, realm: {}, clock, random });
    try {
      await session.request('allocate', { transport: UDP }, { signal, ms: DOCTOR_STUN_MS });
      // What was given is given back.
      await session.request('refresh', { lifetime: 0 }, { signal, ms: DOCTOR_STUN_MS });
    } finally {
      session.close();
    }
    return lost('it gave one when it was asked once more, by another client; look at its log');
  } catch (error) {
    signal.throwIfAborted();
    if (isSyncError(error, 'TIMED_OUT')) return lost('it does not answer; look whether firewalls let UDP through');
    return error instanceof SyncError ? error : lost(clauseOf(error));
  }
}

function lost(detail: string): SyncError {
  return new SyncError('RELAY_LOST', { detail });
}
