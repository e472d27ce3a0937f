import { SyncError } from '../../errors.ts';
import type { Clock, Milliseconds } from '../../ports.ts';

/** Work that several want and one does: the others wait for it, but not for ever, as it may be in slow hands. */
export interface UnderWay<Key> {
  /** Resolves when somebody's work for the key is over, however it ended, or after the patience; undefined when there is none. */
  othersOf(key: Key): Promise<void> | undefined;
  /** Notes the work until it is over; resolves and throws as it does. */
  add<Result>(key: Key, work: Promise<Result>): Promise<Result>;
}

export interface UnderWayOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly patience: Milliseconds;
}

export function createUnderWay<Key>({ clock, signal, patience }: UnderWayOptions): UnderWay<Key> {
  const works = new Map<Key, Promise<unknown>>();

  async function overOrTooLong(work: Promise<unknown>): Promise<void> {
    const over = new AbortController();
    const tooLong = clock.wait(patience, AbortSignal.any([signal, over.signal]));
    await Promise.race([work, tooLong]).catch(() => {});
    over.abort(DONE);
  }

  return {
    othersOf(key) {
      const work = works.get(key);
      return work && overOrTooLong(work);
    },
    async add(key, work) {
      works.set(key, work);
      try {
        return await work;
      } finally {
        if (works.get(key) === work) works.delete(key);
      }
    },
  };
}

/** Made once: a reason made for each wait would have a stack to be traced. */
const DONE = new SyncError('CANCELLED', { what: 'The wait for work of others' });
