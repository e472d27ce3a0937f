import type { Clock, Milliseconds } from '../../ports.ts';

/** What is put off until its key's time is up. Of all that is put off for one key until then, the latest counts. */
export type PutOff<What> = (key: string, what: What, ms: Milliseconds) => void;

export interface PutOffOptions<What> {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told when the time is up. */
  act(what: What): void;
}

export function createPutOff<What>({ clock, signal, act }: PutOffOptions<What>): PutOff<What> {
  const latest = new Map<string, What>();

  function isOver(key: string): void {
    const what = latest.get(key);
    latest.delete(key);
    if (what !== undefined) act(what);
  }

  return (key, what, ms) => {
    const isAwaited = latest.has(key);
    latest.set(key, what);
    if (!isAwaited)
      clock.wait(ms, signal).then(
        () => isOver(key),
        () => {},
      );
  };
}
