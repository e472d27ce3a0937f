/** Keeps what was used lately, up to a number of bytes. */
export interface ByteCache<Key, Value> {
  get(key: Key): Value | undefined;
  /** A value larger than half of the cache is not kept. */
  set(key: Key, value: Value): void;
  delete(key: Key): void;
}

/**
 * Two generations of at most half the limit each: when the young one is full it becomes the old one, and the old one is
 * forgotten. What is used again moves to the young one. So a hit mostly costs one look-up and changes nothing.
 */
export function createByteCache<Key, Value>(limit: number, sizeOf: (value: Value) => number): ByteCache<Key, Value> {
  let young = new Map<Key, Value>();
  let old = new Map<Key, Value>();
  let held = 0;

  function keep(key: Key, value: Value): void {
    const size = sizeOf(value);
    if (size > limit / 2) return;
    if (held + size > limit / 2) {
      old = young;
      young = new Map();
      held = 0;
    }
    young.set(key, value);
    held += size;
  }

  function forget(key: Key): void {
    const value = young.get(key);
    if (value !== undefined) held -= sizeOf(value);
    young.delete(key);
    old.delete(key);
  }

  return {
    get(key) {
      const value = young.get(key);
      if (value !== undefined) return value;
      const aging = old.get(key);
      if (aging !== undefined) keep(key, aging);
      return aging;
    },
    set(key, value) {
      forget(key);
      keep(key, value);
    },
    delete: forget,
  };
}
