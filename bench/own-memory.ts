/** A look takes a good part of a millisecond. */
const LOOK_EVERY_MS = 50;

export interface OwnMemory {
  /** MiB that this process, threads included, had more at most than when the watching began. */
  stop(): number;
}

export function watchOwnMemory(): OwnMemory {
  const before = process.memoryUsage.rss();
  let most = before;
  const look = () => {
    most = Math.max(most, process.memoryUsage.rss());
  };
  const looking = setInterval(look, LOOK_EVERY_MS);
  return {
    stop() {
      clearInterval(looking);
      look();
      return Math.round((most - before) / 2 ** 20);
    },
  };
}
