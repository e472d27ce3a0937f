import { messageOf, SyncError } from '../../errors.ts';
import {
  RECORD_SESSIONS,
  RING_LOOK_FIRST_MS,
  RING_LOOK_MAX_MS,
  RING_SKEW_MS,
  RINGS_KEPT,
  RINGS_PER_LOOK,
} from '../../limits.ts';
import { createPlaces, type Places } from '../../places.ts';
import { createRecentKeys, type RecentKeys } from '../recent-keys.ts';
import type { SignalStream } from '../signalling/signal-stream.ts';
import { publicKeyOf } from './agree-on-secret.ts';
import { recordSignals } from './record-signals.ts';
import { openRing, ringTopic } from './ring.ts';
import type { RecordsOptions } from './ring-up.ts';

export interface RingWatchOptions extends RecordsOptions {
  onStream(stream: SignalStream): void;
}

export interface RingWatch {
  /** There is reason to believe that somebody rings: looks soon, and for a while more often. */
  hurry(): void;
}

/** Looks for those who ring, the more seldom the longer nobody does, until the signal fires. */
export function watchRings(options: RingWatchOptions): RingWatch {
  const { clock, log, signal } = options;
  const answering: Answering = {
    ...options,
    answered: createRecentKeys(RINGS_KEPT),
    places: createPlaces({ inAll: RECORD_SESSIONS, each: RECORD_SESSIONS }),
  };
  let hurried = new AbortController();
  let wait: number = RING_LOOK_FIRST_MS;

  async function keepLooking(): Promise<void> {
    for (;;) {
      // Whatever happens, it does not look more often than that.
      await clock.wait(RING_LOOK_FIRST_MS, signal);
      hurried = new AbortController();
      const isRung = await answerRings(answering).catch((error: unknown) => {
        if (!signal.aborted) log.debug('looking for rings failed', { reason: messageOf(error) });
        return false;
      });
      signal.throwIfAborted();
      wait = isRung ? RING_LOOK_FIRST_MS : Math.min(RING_LOOK_MAX_MS, wait * 2);
      await clock.wait(wait - RING_LOOK_FIRST_MS, AbortSignal.any([signal, hurried.signal])).catch(() => {});
    }
  }

  keepLooking().catch(() => {});
  return {
    hurry() {
      wait = RING_LOOK_FIRST_MS;
      hurried.abort(new SyncError('CANCELLED', { what: 'Waiting' }));
    },
  };
}

interface Answering extends RingWatchOptions {
  readonly answered: RecentKeys;
  readonly places: Places;
}

/** Whether there was a ring for us that is new. */
async function answerRings({ ...answering }: Answering): Promise<boolean> {
  const { store, seed, answered, signal } = answering;
  const found = await store.lookUp(ringTopic(publicKeyOf(seed)), { signal });
  const fresh = found.filter((key) => !answered.has(key)).slice(0, RINGS_PER_LOOK);
  const isRung = await Promise.all(fresh.map((ringKey) => answerRing(ringKey, answering)));
  return isRung.includes(true);
}

/** One that cannot be read yet is looked at again; every other one is looked at once. */
async function answerRing(ringKey: Uint8Array, answering: Answering): Promise<boolean> {
  const { store, seed, answered, places, clock, log, onStream } = answering;
  const found = await store.get(ringKey).catch(() => undefined);
  if (found === undefined || answered.has(ringKey)) return false;
  const leave = places.take(undefined);
  if (leave === undefined) return false;
  answered.add(ringKey);
  const ring = openRing(seed, ringKey, found.value);
  if (ring === undefined || Math.abs(clock.now() - ring.at) > RING_SKEW_MS) {
    log.debug('a ring is not answered', {
      reason: ring ? `it is of ${new Date(ring.at).toISOString()}` : 'it cannot be read',
    });
    leave();
    return false;
  }
  onStream(recordSignals({ ...answering, session: ring, side: 'answerer', onClosed: leave }));
  return true;
}
