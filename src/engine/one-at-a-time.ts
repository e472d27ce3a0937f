/**
 * Runs one job per key at a time. A request that comes while its key is running makes it run once more afterwards,
 * however many requests there were: the later run sees all that happened in the meantime.
 */
export interface OneAtATime<Key> {
  run(key: Key, job: () => Promise<void>): void;
  /** Resolves when nothing runs any more. */
  idle(): Promise<void>;
}

export function createOneAtATime<Key>(onError: (key: Key, error: unknown) => void): OneAtATime<Key> {
  const running = new Map<Key, { next: (() => Promise<void>) | undefined; done: Promise<void> }>();

  async function loop(key: Key, first: () => Promise<void>): Promise<void> {
    let job: (() => Promise<void>) | undefined = first;
    while (job) {
      await job().catch((error: unknown) => onError(key, error));
      const entry = running.get(key);
      job = entry?.next;
      if (entry) entry.next = undefined;
    }
    running.delete(key);
  }

  return {
    run(key, job) {
      const entry = running.get(key);
      if (entry) {
        entry.next = job;
        return;
      }
      const started = { next: undefined, done: Promise.resolve() };
      running.set(key, started);
      started.done = loop(key, job);
    },
    async idle() {
      while (running.size > 0) await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}
