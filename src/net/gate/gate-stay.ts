import { withDeadline } from '../../deadline.ts';
import { messageOf, SyncError } from '../../errors.ts';
import { GATE_ENTRY_MS } from '../../limits.ts';
import type { Clock, Log, Random } from '../../ports.ts';
import { type Address, formatAddress } from '../address.ts';
import { rejoinAfter } from '../discovery/dht-membership.ts';
import type { GateSession } from './gate-session.ts';

/** Being in one gate, for as long as the signal lets. */
export interface GateStay {
  readonly gate: Address;
  /** Undefined while it is not entered. */
  session(): GateSession | undefined;
  /** Resolves when it was tried once. */
  readonly tried: Promise<void>;
  /** Leaves, and enters anew at once. */
  refresh(): void;
}

export interface GateStayOptions {
  readonly gate: Address;
  enter(options: { signal: AbortSignal }): Promise<GateSession>;
  readonly clock: Clock;
  readonly random: Pick<Random, 'below'>;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** A gate that is not reached, or is lost, is tried again. */
export function stayInGate({ gate, enter, clock, random, log, signal }: GateStayOptions): GateStay {
  const name = formatAddress(gate);
  let session: GateSession | undefined;
  let again = new AbortController();
  let setTried = () => {};
  const tried = new Promise<void>((resolve) => {
    setTried = resolve;
  });

  /** Until it is lost. Throws what keeps this device out. */
  async function stay(until: AbortSignal): Promise<void> {
    const deadline = { what: 'Entering a gate', ms: GATE_ENTRY_MS, clock, signal: until };
    session = await withDeadline(deadline, (inner) => enter({ signal: inner }));
    log.debug('a gate was entered', { gate: name });
    setTried();
    await fired(AbortSignal.any([session.ended, until]));
    session.close();
    session = undefined;
    log.debug('a gate was left', { gate: name });
  }

  async function keep(): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      const until = AbortSignal.any([signal, again.signal]);
      try {
        await stay(until);
        failures = 1;
      } catch (error) {
        failures += 1;
        log.debug('a gate is not reached', { gate: name, reason: messageOf(error) });
      }
      setTried();
      // Not all devices at once: they may have lost the same gate.
      const half = rejoinAfter(failures) / 2;
      await clock.wait(half + random.below(half), until).catch(() => {});
    }
  }

  void keep();
  return {
    gate,
    session: () => session,
    tried,
    refresh() {
      const former = again;
      again = new AbortController();
      former.abort(new SyncError('CANCELLED', { what: 'Being in a gate' }));
    },
  };
}

function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
