import { messageOf } from '../../errors.ts';
import { RING_SKEW_MS, RINGS_KEPT } from '../../limits.ts';
import type { Clock, Log, Milliseconds } from '../../ports.ts';

export interface AnsweredRing {
  readonly ringKey: Uint8Array;
  /** When it was made, by the clock of who rang. */
  readonly at: Milliseconds;
}

/** Rings that were answered: none is answered again for as long as its time would do, also after a restart. */
export interface AnsweredRings {
  has(ringKey: Uint8Array): boolean;
  /** Resolves when they are remembered, or could not be. */
  add(rings: readonly AnsweredRing[]): Promise<void>;
}

/** Where they are over a restart. */
export interface RingStore {
  /** Throws STORE_CORRUPT, FILE_FAILED. */
  load(): Promise<readonly AnsweredRing[]>;
  /** In place of those that were there. Throws DISK_FULL, FILE_FAILED. */
  keep(rings: readonly AnsweredRing[]): Promise<void>;
}

export interface AnsweredRingsOptions {
  /** Without one they are forgotten when the process ends. */
  readonly store: RingStore | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** A list that cannot be read or written costs this protection and nothing else: devices that ring are still answered. */
export async function openAnsweredRings({ store, clock, log }: AnsweredRingsOptions): Promise<AnsweredRings> {
  const rings = new Map<string, AnsweredRing>();
  const nameOf = (key: Uint8Array) => Buffer.from(key).toString('hex');
  const warn = (message: string) => (error: unknown) => log.warn(message, { reason: messageOf(error) });

  function take(added: readonly AnsweredRing[]): void {
    for (const ring of added) rings.set(nameOf(ring.ringKey), ring);
    const tooOld = clock.now() - RING_SKEW_MS;
    for (const [name, { at }] of rings) if (at < tooOld) rings.delete(name);
    for (const name of [...rings.keys()].slice(0, -RINGS_KEPT)) rings.delete(name);
  }

  take((await store?.load().catch(warn('the rings answered before are not known'))) ?? []);
  return {
    has: (ringKey) => rings.has(nameOf(ringKey)),
    async add(added) {
      take(added);
      await store?.keep([...rings.values()]).catch(warn('a ring that is answered is not remembered over a restart'));
    },
  };
}
