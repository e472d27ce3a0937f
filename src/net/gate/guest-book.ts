/** Those who are in a gate, by their keys and by what they are found under. */
export interface Guest {
  readonly key: string;
  readonly topics: readonly string[];
}

export interface GuestBook<One extends Guest> {
  /** Returns the one who was in with the same key, and is not any more. */
  enter(guest: One): One | undefined;
  /** Harmless when the guest is not in. */
  leave(guest: One): void;
  withKey(key: string): One | undefined;
  /** Keys, in the order in which they came. */
  under(topic: string): Iterable<string>;
}

export function createGuestBook<One extends Guest>(): GuestBook<One> {
  const byKey = new Map<string, One>();
  const byTopic = new Map<string, Set<string>>();

  function leave(guest: One): void {
    if (byKey.get(guest.key) !== guest) return;
    byKey.delete(guest.key);
    for (const topic of guest.topics) {
      const keys = byTopic.get(topic);
      keys?.delete(guest.key);
      if (keys?.size === 0) byTopic.delete(topic);
    }
  }

  return {
    enter(guest) {
      const former = byKey.get(guest.key);
      if (former) leave(former);
      byKey.set(guest.key, guest);
      for (const topic of guest.topics) byTopic.set(topic, (byTopic.get(topic) ?? new Set()).add(guest.key));
      return former;
    },
    leave,
    withKey: (key) => byKey.get(key),
    under: (topic) => byTopic.get(topic) ?? [],
  };
}
