import { availableParallelism } from 'node:os';
import { SCREENING_OBJECTS, SCREENING_THREADS } from '../../limits.ts';
import type { PackPlace } from '../repository/repository.ts';
import { type PackSlice, slicesOf } from './pack-slices.ts';
import type { KeyOf } from './screen-commit.ts';
import { ScreenThread } from './screen-thread-adapter.ts';
import { ScreenedCommits } from './screened-commits.ts';

export interface ScreenOptions {
  readonly keyOf: KeyOf;
  readonly signal: AbortSignal;
}

/** So many slices lie with each thread: the next one is there when one is done. */
const SLICES_AHEAD = 2;

/**
 * Lets threads find out what can be said of each commit by itself, on all cores. Undefined for a few objects: they are
 * judged sooner than a thread starts. Throws the signal's reason, and nothing else: what threads do not say is unknown.
 */
export async function screenPacks(
  packs: readonly PackPlace[],
  { keyOf, signal }: ScreenOptions,
): Promise<ScreenedCommits | undefined> {
  const objects = packs.reduce((sum, { index }) => sum + index.count, 0);
  if (objects < SCREENING_OBJECTS) return undefined;
  signal.throwIfAborted();
  const places = packs.map(({ path, start, size }) => ({ path, start, size }));
  const threads = Array.from(
    { length: Math.min(availableParallelism(), SCREENING_THREADS) },
    () => new ScreenThread({ packs: places }, keyOf),
  );
  const end = () => Promise.all(threads.map((thread) => thread[Symbol.asyncDispose]()));
  signal.addEventListener('abort', end);
  try {
    const screened = new ScreenedCommits();
    const slices = slicesOf(packs);
    const runs = threads.flatMap((thread) => Array.from({ length: SLICES_AHEAD }, () => run(thread, slices, screened)));
    await Promise.all(runs);
    signal.throwIfAborted();
    return screened;
  } finally {
    signal.removeEventListener('abort', end);
    await end();
  }
}

async function run(thread: ScreenThread, slices: AsyncIterator<PackSlice>, screened: ScreenedCommits): Promise<void> {
  for (let next = await slices.next(); !next.done; next = await slices.next()) {
    const records = await thread.screen(next.value);
    if (!records) return;
    screened.add(records);
  }
}
