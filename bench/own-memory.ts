const LOOK_EVERY_MS = 20;

export interface OwnMemory {
  /** MiB that this process, threads included, had more at most than when the watching began. */
  stop(): number;
}

export function watchOwnMemory(): OwnMemory {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, LOOK_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      return Math.round((most - before) / 2 ** 20);
    },
  };
}
