/** A whole engine that starts on a home with a long conversation, until it shows the newest messages; beside one on an empty home. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { placeAccount } from '../test/support/identity/accounts.ts';
import type { Benchmark } from './figure.ts';
import { makeLongHome } from './long-home.ts';
import { median } from './rounds.ts';

const STARTER = resolve(import.meta.dirname, 'starting-engine.ts');
const Start = z.object({ ms: z.number(), entries: z.number(), peakMiB: z.number(), loopWorstMs: z.number() });
type Start = z.infer<typeof Start>;

export const benchStarting: Benchmark = async ({ quick, signal }) => {
  const [count, rounds] = quick ? [100, 1] : [100_000, 5];
  const folder = await mkdtemp(join(tmpdir(), 'swarmlog-bench-'));
  try {
    const [long, empty] = [join(folder, 'long'), join(folder, 'empty')];
    await makeLongHome(long, { count, signal });
    await placeAccount(empty, 'bench');
    // The first one reads every commit, and keeps what the next ones start from.
    await start(long, signal);
    const starts: Start[] = [];
    const emptyStarts: Start[] = [];
    for (let round = 0; round < rounds; round++) {
      starts.push(await start(long, signal));
      emptyStarts.push(await start(empty, signal));
    }
    const of = (all: readonly Start[], figure: keyof Start) => median(all.map((one) => one[figure]));
    const facts = {
      ...{ commits: count, entries: of(starts, 'entries') },
      ...{ emptyMs: Math.round(of(emptyStarts, 'ms')), loopWorstMs: of(starts, 'loopWorstMs') },
      ...{ peakMiB: of(starts, 'peakMiB'), emptyPeakMiB: of(emptyStarts, 'peakMiB') },
    };
    return [{ name: 'starting, newest 50 shown', unit: 'ms', ours: of(starts, 'ms'), facts }];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

async function start(home: string, signal: AbortSignal): Promise<Start> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', STARTER, home], { signal });
  return Start.parse(JSON.parse(stdout));
}
