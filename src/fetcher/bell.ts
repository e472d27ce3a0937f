/** Waiting for a condition on state that this thread changes: whoever changes it rings, whoever waits looks again. */
export interface Bell {
  ring(): void;
  /** Resolves once `condition` holds, rejects once it throws; looks at once, then at each ring. */
  until(condition: () => boolean): Promise<void>;
}

export function createBell(): Bell {
  const waiting = new Set<() => void>();
  return {
    ring() {
      for (const look of [...waiting]) look();
    },
    until(condition) {
      return new Promise((resolve, reject) => {
        const look = () => {
          try {
            if (!condition()) return;
            resolve();
          } catch (error) {
            reject(error);
          }
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      });
    },
  };
}
