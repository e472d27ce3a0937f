import { backOff, drawnWait } from '../../back-off.ts';
import { withDeadline } from '../../deadline.ts';
import { messageOf, SyncError } from '../../errors.ts';
import { GATE_ENTRY_MS, GATE_REENTRY_FIRST_MS, GATE_REENTRY_MAX_MS } from '../../limits.ts';
import type { Clock, Log, Milliseconds, Random } from '../../ports.ts';
import { type Address, formatAddress } from '../address.ts';
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
  /** It is entered after it had been lost, or not been reached: what is on the other side of it may be there again. */
  onEnteredAgain(): void;
}

/** A gate that is not reached, or is lost, is tried again. */
export function stayInGate(options: GateStayOptions): GateStay {
  const { gate, enter, clock, random, log, signal } = options;
  const name = formatAddress(gate);
  let session: GateSession | undefined;
  let failures = 0;
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
    if (failures > 0) options.onEnteredAgain();
    await fired(AbortSignal.any([session.ended, until]));
    session.close();
    session = undefined;
    log.debug('a gate was left', { gate: name });
  }

  async function keep(): Promise<void> {
    while (!signal.aborted) {
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
      await clock.wait(drawnWait(reenterAfter(failures), random), until).catch(() => {});
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

/** The longest wait after so many failures in a row. */
export function reenterAfter(failures: number): Milliseconds {
  return backOff(failures, { first: GATE_REENTRY_FIRST_MS, longest: GATE_REENTRY_MAX_MS });
}

function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
