/** Keeps what was used last, up to a number of bytes. */
export interface ByteCache<Key, Value> {
  get(key: Key): Value | undefined;
  /** A value larger than the whole cache is not kept. */
  set(key: Key, value: Value): void;
}

export function createByteCache<Key, Value>(limit: number, sizeOf: (value: Value) => number): ByteCache<Key, Value> {
  // A Map keeps the order of insertion; re-inserting on use makes its first key the one unused for longest.
  const values = new Map<Key, Value>();
  let held = 0;

  function remove(key: Key): Value | undefined {
    const value = values.get(key);
    if (value !== undefined) {
      values.delete(key);
      held -= sizeOf(value);
    }
    return value;
  }

  function insert(key: Key, value: Value): void {
    values.set(key, value);
    held += sizeOf(value);
  }

  return {
    get(key) {
      const value = remove(key);
      if (value !== undefined) insert(key, value);
      return value;
    },
    set(key, value) {
      remove(key);
      if (sizeOf(value) > limit) return;
      insert(key, value);
      for (const oldest of values.keys()) {
        if (held <= limit) return;
        remove(oldest);
      }
    },
  };
}
