/** Runs tasks one after the other, in the order they were asked for. A task that fails fails alone. */
export interface Mutex {
  run<Result>(task: () => Promise<Result>): Promise<Result>;
}

export function createMutex(): Mutex {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(task) {
      const result = last.then(task);
      last = result.catch(() => undefined);
      return result;
    },
  };
}
