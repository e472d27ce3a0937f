/**
 * Hands values to any number of readers, each at its own pace.
 *
 * Invariants: a reader sees every value published after it subscribed, in order, but for values with the same
 * `supersedes` key: of those it may see only the newest, so that a slow reader holds a bounded amount of progress.
 */
export interface Feed<T> {
  publish(value: T): void;
  subscribe(options: { signal: AbortSignal }): AsyncIterable<T>;
  /** False when what is published reaches nobody, so that it need not be made. */
  isRead(): boolean;
  /** Ends every reader after what it has not read yet. */
  end(): void;
}

interface Waiting<T> {
  value: T;
  readonly key: string | undefined;
}

interface Reader<T> {
  readonly queue: Waiting<T>[];
  /** Those in the queue that something newer may take the place of. */
  readonly newest: Map<string, Waiting<T>>;
  wake: () => void;
}

interface Leaving {
  readonly signal: AbortSignal;
  readonly leave: () => void;
}

export function createFeed<T>(supersedes: (value: T) => string | undefined = () => undefined): Feed<T> {
  const readers = new Set<Reader<T>>();
  let hasEnded = false;

  async function* read(reader: Reader<T>, { signal, leave }: Leaving): AsyncGenerator<T> {
    try {
      while (!signal.aborted) {
        const next = takeNext(reader);
        if (next !== undefined) yield next.value;
        else if (hasEnded) return;
        else await new Promise<void>((resolve) => Object.assign(reader, { wake: resolve }));
      }
    } finally {
      signal.removeEventListener('abort', leave);
      readers.delete(reader);
    }
  }

  return {
    publish(value) {
      const key = supersedes(value);
      for (const reader of readers) {
        replaceOrPush(reader, value, key);
        reader.wake();
      }
    },
    isRead: () => readers.size > 0,
    subscribe({ signal }) {
      const reader: Reader<T> = { queue: [], newest: new Map(), wake: () => {} };
      /** A reader that has gone keeps nothing, whether or not anybody still iterates it. */
      const leave = () => {
        readers.delete(reader);
        reader.wake();
      };
      if (!signal.aborted) {
        readers.add(reader);
        signal.addEventListener('abort', leave, { once: true });
      }
      return read(reader, { signal, leave });
    },
    end() {
      hasEnded = true;
      for (const reader of readers) reader.wake();
    },
  };
}

function takeNext<T>({ queue, newest }: Reader<T>): Waiting<T> | undefined {
  const next = queue.shift();
  if (next?.key !== undefined) newest.delete(next.key);
  return next;
}

function replaceOrPush<T>({ queue, newest }: Reader<T>, value: T, key: string | undefined): void {
  const waiting = key === undefined ? undefined : newest.get(key);
  if (waiting) {
    waiting.value = value;
    return;
  }
  const added = { value, key };
  queue.push(added);
  if (key !== undefined) newest.set(key, added);
}
