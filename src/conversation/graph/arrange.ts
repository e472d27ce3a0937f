import { BinaryHeap } from '../../binary-heap.ts';
import { Column } from './column.ts';

/** Commits by places from 0, whatever is known of them. */
export interface Arrangement {
  readonly count: number;
  /** Told of the places of those parents that are among them. */
  forEachParent(place: number, visit: (parent: number) => void): void;
  isEarlier(place: number, other: number): boolean;
}

const NONE = -1;

/** The canonical order as places: parents first, and of those that may come next the earliest. See `linearize`. */
export function arrange(arrangement: Arrangement): Int32Array {
  const steps = arrangeInSteps(arrangement);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** Commits between two rests: a few milliseconds. */
export const COMMITS_PER_STEP = 1000;

/** As `arrange`, with a rest after every step, for so many commits that others want a turn in between. */
export function* arrangeInSteps({ count, forEachParent, isEarlier }: Arrangement): Generator<void, Int32Array> {
  const { waitingFor, forEachFreed } = yield* linksOf(count, forEachParent);
  const ready = new BinaryHeap<number>(isEarlier);
  for (let place = 0; place < count; place += 1) if (waitingFor[place] === 0) ready.push(place);
  const order = new Int32Array(count);
  let length = 0;
  const pushReady = (place: number) => ready.push(place);
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    order[length++] = next;
    if (length % COMMITS_PER_STEP === 0) yield;
    forEachFreed(next, pushReady);
  }
  return order.subarray(0, length);
}

/**
 * For each place how many parents it waits for, and whose last parent it is when it passes, the latest first. A link is
 * two numbers: a child, and where the next link is. An array for each place would cost more than all the rest.
 */
function* linksOf(count: number, forEachParent: Arrangement['forEachParent']) {
  const waitingFor = new Int32Array(count);
  const first = new Int32Array(count).fill(NONE);
  const links = new Column(Int32Array);
  let child = 0;
  const link = (parent: number) => {
    waitingFor[child] = (waitingFor[child] ?? 0) + 1;
    links.push(child);
    links.push(first[parent] ?? NONE);
    first[parent] = links.length - 2;
  };
  for (; child < count; child += 1) {
    if (child % COMMITS_PER_STEP === COMMITS_PER_STEP - 1) yield;
    forEachParent(child, link);
  }
  function forEachFreed(place: number, visit: (child: number) => void): void {
    for (let link = first[place] ?? NONE; link !== NONE; link = links.at(link + 1)) {
      const child = links.at(link);
      const left = (waitingFor[child] ?? 0) - 1;
      waitingFor[child] = left;
      if (left === 0) visit(child);
    }
  }
  return { waitingFor, forEachFreed };
}
