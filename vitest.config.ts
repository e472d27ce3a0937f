import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './test/support/summary-reporter.ts';

const project = (name: string, timeout: number, extra: object = {}) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    // node-datachannel aborts in worker threads, so every project runs in child processes.
    pool: 'forks' as const,
    testTimeout: timeout,
    hookTimeout: timeout,
    ...extra,
  },
});

export default defineConfig({
  test: {
    // The default leaves one core idle, which on two cores doubles the time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['default', new SummaryReporter()],
    projects: [
      project('unit', 120_000, { isolate: false }),
      project('contract', 120_000, { isolate: false }),
      project('simulator', 240_000, { isolate: false }),
      project('scenario', 240_000, { isolate: false }),
      // What takes functions out of node:fs has to find them watched, so each file has a process of its own.
      project('crashes', 240_000, { setupFiles: ['test/support/disk/watched-fs.ts'] }),
      // Real processes share the cores: one file at a time keeps their deadlines honest.
      project('e2e', 300_000, { fileParallelism: false, globalSetup: ['test/support/made-homes.ts'] }),
    ],
  },
});
