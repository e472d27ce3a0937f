/** Waiting for a condition over state that this thread changes: whoever changes it rings, whoever waits looks again. */
export interface Bell {
  /** Lets everybody look again. Call it after each change. */
  ring(): void;
  /** Looks at once, then at each ring. Resolves once the condition holds; throws what the condition throws, or the signal's reason. */
  until(condition: () => boolean, signal?: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  const waiting = new Set<() => void>();
  return {
    ring() {
      for (const look of waiting) look();
    },
    until(condition, signal) {
      return new Promise((resolve, reject) => {
        const leave = () => {
          waiting.delete(look);
          signal?.removeEventListener('abort', look);
        };
        const look = () => {
          try {
            signal?.throwIfAborted();
            if (!condition()) return;
            resolve();
          } catch (error) {
            reject(error);
          }
          leave();
        };
        waiting.add(look);
        signal?.addEventListener('abort', look);
        look();
      });
    },
  };
}
