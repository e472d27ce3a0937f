/** Things to close, each owned by whoever added it to the list. They are closed once, the last one first, whatever the others do. */
export interface Closers {
  add(close: () => Promise<void>): void;
  /** Throws the first failure, after everything was closed. The same promise for every caller. */
  close(): Promise<void>;
}

export function createClosers(): Closers {
  const list: (() => Promise<void>)[] = [];
  let closing: Promise<void> | undefined;

  async function closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (let close = list.pop(); close; close = list.pop()) {
      await close().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  return {
    add: (close) => void list.push(close),
    close: () => {
      // Begins a turn later: what is closed may ask for the closing itself, and must get this very promise.
      closing ??= Promise.resolve().then(closeAll);
      return closing;
    },
  };
}
