/** Keys in the DHT, as many as its limit says: the one that was not added for longest is forgotten first. */
export interface RecentKeys {
  add(key: Uint8Array): void;
  has(key: Uint8Array): boolean;
}

export function createRecentKeys(limit: number): RecentKeys {
  const keys = new Set<string>();
  const nameOf = (key: Uint8Array) => Buffer.from(key).toString('hex');
  return {
    add(key) {
      const name = nameOf(key);
      keys.delete(name);
      const [oldest] = keys;
      if (keys.size >= limit && oldest !== undefined) keys.delete(oldest);
      keys.add(name);
    },
    has: (key) => keys.has(nameOf(key)),
  };
}
