import { SyncError } from '../../errors.ts';
import { CALL_MISSED_MS, CALLS_AWAITED } from '../../limits.ts';
import type { Clock } from '../../ports.ts';

/** Tries of others to reach this device by a stream, as nodes of the DHT pass them on. */
export interface MissedCalls {
  /** Somebody with that key tries. */
  begin(key: Uint8Array): void;
  /** A stream of somebody with that key came up. */
  answer(key: Uint8Array): void;
}

export interface MissedCallsOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Somebody tried for `CALL_MISSED_MS` and no stream came up. */
  onMissed(): void;
}

/** Strangers may try as well: no more than `CALLS_AWAITED` are looked after at once. */
export function createMissedCalls({ clock, signal, onMissed }: MissedCallsOptions): MissedCalls {
  const awaited = new Map<string, AbortController>();
  const nameOf = (key: Uint8Array) => Buffer.from(key).toString('hex');
  return {
    begin(key) {
      const name = nameOf(key);
      if (awaited.has(name) || awaited.size >= CALLS_AWAITED) return;
      const answered = new AbortController();
      awaited.set(name, answered);
      const missed = clock.wait(CALL_MISSED_MS, AbortSignal.any([signal, answered.signal])).then(onMissed, () => {});
      void missed.then(() => awaited.delete(name));
    },
    answer: (key) => awaited.get(nameOf(key))?.abort(ANSWERED),
  };
}

const ANSWERED = new SyncError('CANCELLED', { what: 'Waiting for a stream' });
