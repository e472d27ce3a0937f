export interface SlotsOptions {
  /** Held at once, by all keys together. */
  readonly limit: number;
  /** Held at once by one key; as many as there are without it. */
  readonly limitPerKey?: number;
}

/** Gives one slot back. Harmless when given back already. */
export type Release = () => void;

/** A bounded number of slots. Those who wait are served in turns by key, so that one with many wishes does not starve the others. */
export interface Slots {
  /** Rejects with the signal's reason when aborted first. */
  acquire(key: string, signal: AbortSignal): Promise<Release>;
}

export function createSlots({ limit, limitPerKey = limit }: SlotsOptions): Slots {
  /** In the order of their turns: a key that was served goes to the end. */
  const waiting = new Map<string, Array<() => void>>();
  const held = new Map<string, number>();
  let heldByAll = 0;

  function isFree(key: string): boolean {
    return heldByAll < limit && (held.get(key) ?? 0) < limitPerKey;
  }

  function take(key: string): Release {
    let isReleased = false;
    change(key, 1);
    return () => {
      if (isReleased) return;
      isReleased = true;
      change(key, -1);
      serveNext();
    };
  }

  function change(key: string, by: number): void {
    heldByAll += by;
    const count = (held.get(key) ?? 0) + by;
    if (count > 0) held.set(key, count);
    else held.delete(key);
  }

  function serveNext(): void {
    for (const [key, queue] of waiting) {
      if (!isFree(key)) continue;
      const grant = queue.shift();
      waiting.delete(key);
      if (queue.length > 0) waiting.set(key, queue);
      grant?.();
      return;
    }
  }

  function leave(key: string, grant: () => void): void {
    const queue = waiting.get(key)?.filter((other) => other !== grant) ?? [];
    if (queue.length > 0) waiting.set(key, queue);
    else waiting.delete(key);
  }

  function wait(key: string, signal: AbortSignal): Promise<Release> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        leave(key, grant);
        reject(signal.reason);
      };
      const grant = () => {
        signal.removeEventListener('abort', abort);
        resolve(take(key));
      };
      signal.addEventListener('abort', abort, { once: true });
      waiting.set(key, [...(waiting.get(key) ?? []), grant]);
    });
  }

  return {
    async acquire(key, signal) {
      signal.throwIfAborted();
      return isFree(key) ? take(key) : await wait(key, signal);
    },
  };
}
