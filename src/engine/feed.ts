/**
 * Hands values to any number of readers, each at its own pace.
 *
 * Invariants: a reader sees every value published after it subscribed, in order, but for values with the same
 * `supersedes` key: of those it may see only the newest, so that a slow reader holds a bounded amount of progress.
 */
export interface Feed<T> {
  publish(value: T): void;
  subscribe(options: { signal: AbortSignal }): AsyncIterable<T>;
  /** Ends every reader after what it has not read yet. */
  end(): void;
}

interface Reader<T> {
  readonly queue: T[];
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
        const value = reader.queue.shift();
        if (value !== undefined) yield value;
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
      for (const reader of readers) {
        replaceOrPush(reader.queue, value, supersedes);
        reader.wake();
      }
    },
    subscribe({ signal }) {
      const reader: Reader<T> = { queue: [], wake: () => {} };
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

function replaceOrPush<T>(queue: T[], value: T, supersedes: (value: T) => string | undefined): void {
  const key = supersedes(value);
  const at = key === undefined ? -1 : queue.findIndex((queued) => supersedes(queued) === key);
  if (at < 0) queue.push(value);
  else queue[at] = value;
}
