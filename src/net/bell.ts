/** Wakes whoever waits for a condition over state that somebody else changes. */
export interface Bell {
  /** Lets everybody look again. Call it after each change. */
  ring(): void;
  /** Resolves once the condition holds; throws the signal's reason when aborted first. */
  until(condition: () => boolean, signal?: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  const waiting = new Set<() => void>();
  return {
    ring() {
      for (const look of [...waiting]) look();
    },
    until(condition, signal) {
      return new Promise((resolve, reject) => {
        const settle = (conclude: () => void) => {
          waiting.delete(look);
          signal?.removeEventListener('abort', look);
          conclude();
        };
        const look = () => {
          if (signal?.aborted) settle(() => reject(signal.reason));
          else if (condition()) settle(resolve);
        };
        waiting.add(look);
        signal?.addEventListener('abort', look);
        look();
      });
    },
  };
}
