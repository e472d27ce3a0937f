import { orAborted } from '../or-aborted.ts';

/** Work that is done once for all who want the same at the same time. */
export interface SharedWork<Key, Value> {
  /** One caller's patience does not end the work of the others. Throws what the work throws, or the signal's reason. */
  run(key: Key, work: () => Promise<Value>, signal: AbortSignal): Promise<Value>;
}

export function createSharedWork<Key, Value>(): SharedWork<Key, Value> {
  const underWay = new Map<Key, Promise<Value>>();

  function once(key: Key, work: () => Promise<Value>): Promise<Value> {
    const known = underWay.get(key);
    if (known !== undefined) return known;
    const begun = work();
    underWay.set(key, begun);
    const forget = () => void underWay.delete(key);
    begun.then(forget, forget);
    return begun;
  }

  return { run: (key, work, signal) => orAborted(once(key, work), signal) };
}
