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
import { type AnsweredRings, openAnsweredRings, type RingStore } from './answered-rings.ts';
import { recordSignals } from './record-signals.ts';
import { type OpenedRing, openRing, ringTopic } from './ring.ts';
import type { RecordsOptions } from './ring-up.ts';

export interface RingWatchOptions extends RecordsOptions {
  /** Where those that were answered are remembered; without it, for as long as the process runs. */
  readonly rings?: RingStore;
  onStream(stream: SignalStream): void;
}

export interface RingWatch {
  /** There is reason to believe that somebody rings: looks soon, and for a while more often. */
  hurry(): void;
}

/** Looks for those who ring, the more seldom the longer nobody does, until the signal fires. */
export function watchRings(options: RingWatchOptions): RingWatch {
  const { rings, clock, log, signal } = options;
  const read = createRecentKeys(RINGS_KEPT);
  const places = createPlaces({ inAll: RECORD_SESSIONS, each: RECORD_SESSIONS });
  let hurried = new AbortController();
  let wait: number = RING_LOOK_FIRST_MS;

  async function keepLooking(): Promise<void> {
    const answered = await openAnsweredRings({ store: rings, clock, log });
    const answering = { ...options, read, answered, places };
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
  /** Those that were looked at, and those of them that were answered. */
  readonly read: RecentKeys;
  readonly answered: AnsweredRings;
  readonly places: Places;
}

/** A ring that was read and is to be answered. */
interface HeardRing extends OpenedRing {
  readonly ringKey: Uint8Array;
  /** Gives its place back. */
  leave(): void;
}

/** Whether there was a ring for us that is new. They are remembered first: a device that is stopped in between is rung anew. */
async function answerRings(answering: Answering): Promise<boolean> {
  const { store, seed, read, answered, signal, onStream } = answering;
  const found = await store.lookUp(ringTopic(publicKeyOf(seed)), { signal });
  const fresh = found.filter((key) => !read.has(key) && !answered.has(key)).slice(0, RINGS_PER_LOOK);
  const looked = await Promise.all(fresh.map((ringKey) => readRing(ringKey, answering)));
  const rings = looked.filter((ring) => ring !== undefined);
  if (rings.length === 0) return false;
  await answered.add(rings);
  signal.throwIfAborted();
  for (const { leave, ...session } of rings)
    onStream(recordSignals({ ...answering, session, side: 'answerer', onClosed: leave }));
  return true;
}

/** One that cannot be read yet is looked at again; every other one is looked at once. */
async function readRing(ringKey: Uint8Array, answering: Answering): Promise<HeardRing | undefined> {
  const { store, seed, read, places, clock, log } = answering;
  const found = await store.get(ringKey).catch(() => undefined);
  if (found === undefined || read.has(ringKey)) return undefined;
  const leave = places.take(undefined);
  if (leave === undefined) return undefined;
  read.add(ringKey);
  const ring = openRing(seed, ringKey, found.value);
  if (ring !== undefined && Math.abs(clock.now() - ring.at) <= RING_SKEW_MS) return { ...ring, ringKey, leave };
  log.debug('a ring is not answered', {
    reason: ring ? `it is of ${new Date(ring.at).toISOString()}` : 'it cannot be read',
  });
  leave();
  return undefined;
}
