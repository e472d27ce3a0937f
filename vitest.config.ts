import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/runner/longest-first.ts';
import { SummaryReporter } from './test/support/runner/summary-reporter.ts';
import { PATIENCE_MS } from './test/support/time/patience.ts';

const FIXED_SEED = 'test/support/runner/fixed-seed.ts';

const project = (name: string, timeout: number, extra: object = {}) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    // node-datachannel aborts in worker threads, so every project runs in child processes.
    pool: 'forks' as const,
    testTimeout: timeout,
    hookTimeout: timeout,
    expect: { poll: { timeout: PATIENCE_MS } },
    ...extra,
  },
});

export default defineConfig({
  test: {
    // More than there are cores, as many tests wait for something most of the time. No test may mind how busy the cores are.
    maxWorkers: availableParallelism() + 3,
    sequence: { sequencer: LongestFirst },
    reporters: ['default', new SummaryReporter()],
    projects: [
      project('unit', 120_000, { isolate: false, setupFiles: [FIXED_SEED] }),
      project('contract', 120_000, { isolate: false, setupFiles: [FIXED_SEED] }),
      project('simulator', 600_000, { isolate: false, setupFiles: [FIXED_SEED] }),
      project('scenario', 240_000, { isolate: false }),
      // What takes functions out of node:fs has to find them watched, so each file has a process of its own.
      project('crashes', 240_000, { setupFiles: ['test/support/disk/watched-fs.ts'] }),
      project('e2e', 300_000, { globalSetup: ['test/support/cli/made-homes.ts'] }),
    ],
  },
});
