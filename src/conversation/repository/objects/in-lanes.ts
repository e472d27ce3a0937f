/** Half of the pool's threads: whoever signs does not wait behind the disk. */
const LANES = 2;

/** Does the work a few at a time. All have ended when it throws the first failure. */
export async function inLanes<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values();
  async function workInTurn(): Promise<void> {
    for (const item of left) await work(item);
  }
  const lanes = await Promise.allSettled(Array.from({ length: LANES }, workInTurn));
  for (const lane of lanes) if (lane.status === 'rejected') throw lane.reason;
}
