import { SyncError } from '../../errors.ts';
import { STREAM_KEPT_MS } from '../../limits.ts';
import type { Clock } from '../../ports.ts';
import type { SignalStream } from '../signalling/signal-stream.ts';

/** Streams to devices that were asked who they are, and are about to be dialled. */
export interface KeptStreams<Found> {
  /** Keeps it for `STREAM_KEPT_MS`, and closes it then. */
  keep(key: string, found: Found): void;
  /** It is the caller's from now on. Undefined when none is kept. */
  take(key: string): Found | undefined;
}

interface Kept<Found> {
  readonly found: Found;
  readonly over: AbortController;
}

/** Closes all when the signal fires. */
export function createKeptStreams<Found extends { readonly stream: SignalStream }>({
  clock,
  signal,
}: {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): KeptStreams<Found> {
  const kept = new Map<string, Kept<Found>>();

  function take(key: string): Found | undefined {
    const one = kept.get(key);
    kept.delete(key);
    one?.over.abort(TAKEN);
    return one?.found;
  }

  return {
    keep(key, found) {
      take(key)?.stream.close();
      const one = { found, over: new AbortController() };
      kept.set(key, one);
      const close = () => {
        if (kept.get(key) === one) take(key)?.stream.close();
      };
      clock.wait(STREAM_KEPT_MS, AbortSignal.any([signal, one.over.signal])).then(close, close);
    },
    take,
  };
}

const TAKEN = new SyncError('CANCELLED', { what: 'Keeping a stream' });
