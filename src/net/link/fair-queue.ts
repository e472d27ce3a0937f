/**
 * Whose frame leaves next: frames of the link first, then the channels in turn, one frame each.
 * A channel with much to send delays another one by a single message.
 */
export interface FairQueue<Item> {
  readonly urgentCount: number;
  /** Ahead of everything that waits in a lane. */
  pushUrgent(item: Item): void;
  push(lane: number, item: Item): void;
  /** The next item, or undefined when nothing waits. */
  shift(): Item | undefined;
  /** Empties a lane and returns what waited there. */
  drop(lane: number): readonly Item[];
}

export function createFairQueue<Item>(): FairQueue<Item> {
  const urgent: Item[] = [];
  /** In turn order: the first lane is the next one. No lane is empty. */
  const lanes = new Map<number, Item[]>();

  function shiftLane(): Item | undefined {
    const [next] = lanes;
    if (next === undefined) return undefined;
    const [lane, items] = next;
    const item = items.shift();
    lanes.delete(lane);
    if (items.length > 0) lanes.set(lane, items);
    return item;
  }

  return {
    get urgentCount() {
      return urgent.length;
    },
    pushUrgent: (item) => void urgent.push(item),
    push(lane, item) {
      const items = lanes.get(lane);
      if (items) items.push(item);
      else lanes.set(lane, [item]);
    },
    shift: () => urgent.shift() ?? shiftLane(),
    drop(lane) {
      const items = lanes.get(lane) ?? [];
      lanes.delete(lane);
      return items;
    },
  };
}
