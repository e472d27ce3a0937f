/** The memory that a long file takes on either side while it moves. Takes minutes, and room on the disk for the file. */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, startEngines } from './engines.ts';
import { announce, fetchAgain } from './fetching.ts';
import type { Benchmark } from './figure.ts';
import { residentMemory } from './resident-memory.ts';
import { MiB } from './seeded-file.ts';

const LOOK_EVERY_MS = 100;

export const benchMemory: Benchmark = async ({ quick, signal }) => {
  const size = (quick ? 16 : 10 * 1024) * MiB;
  const folder = await mkdtemp(join(tmpdir(), 'swarmlog-bench-'));
  try {
    const path = join(folder, 'sparse.bin');
    await using sparse = await open(path, 'w');
    await sparse.truncate(size);
    await using engines = await startEngines(folder, signal);
    const { left, right, conversation } = engines;
    const sides = { 'sending side': watchMemory(left), 'receiving side': watchMemory(right) };
    const file = await announce(left, { conversation, path, size, others: [right], signal });
    await right.loopDelay();
    const { complete } = await fetchAgain(right, file, signal);
    const delay = await right.loopDelay();
    const facts = { bytes: size, seconds: complete / 1000 };
    const figures = Object.entries(sides).map(async ([side, memory]) => {
      const { before, most } = await memory.stop();
      return { name: `memory, ${side}`, unit: 'MiB more', ours: most - before, facts: { ...facts, before } };
    });
    return [...(await Promise.all(figures)), { name: 'memory, event loop p99', unit: 'ms late', ours: delay, facts }];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Resident memory in MiB, from now on. */
function watchMemory({ pid }: Engine): { stop(): Promise<{ before: number; most: number }> } {
  const seen: number[] = [];
  const stop = new AbortController();
  const watching = (async () => {
    while (!stop.signal.aborted) {
      seen.push(await residentMemory(pid));
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  })();
  return {
    async stop() {
      stop.abort();
      await watching;
      return { before: seen[0] ?? 0, most: Math.max(...seen) };
    },
  };
}
