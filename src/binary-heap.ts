/**
 * A binary heap: the best element first. Insertion appends and sifts up while the parent is strictly worse; removal puts
 * the last element at the root and sifts it down towards the better child, the left one on a tie, while that child is
 * strictly better. How ties fall is part of the contract: `jamiOrder` reproduces another program's order with it.
 */
export class BinaryHeap<T> {
  readonly #items: T[] = [];
  readonly #isBetter: (a: T, b: T) => boolean;

  constructor(isBetter: (a: T, b: T) => boolean) {
    this.#isBetter = isBetter;
  }

  /** The best element, left where it is. */
  peek(): T | undefined {
    return this.#items[0];
  }

  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = items[above] as T;
      if (!this.#isBetter(item, parent)) break;
      items[at] = parent;
      at = above;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const best = items[0];
    const last = items.pop();
    if (items.length > 0) this.#siftDown(last as T);
    return best;
  }

  #siftDown(item: T): void {
    const items = this.#items;
    let at = 0;
    for (;;) {
      const child = this.#betterChild(at);
      if (child >= items.length || !this.#isBetter(items[child] as T, item)) break;
      items[at] = items[child] as T;
      at = child;
    }
    items[at] = item;
  }

  #betterChild(at: number): number {
    const items = this.#items;
    const left = 2 * at + 1;
    const right = left + 1;
    return right < items.length && this.#isBetter(items[right] as T, items[left] as T) ? right : left;
  }
}
