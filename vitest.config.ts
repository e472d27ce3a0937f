import { defineConfig } from 'vitest/config';

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
    projects: [
      project('unit', 30_000),
      project('contract', 30_000),
      project('scenario', 60_000),
      // Real processes share two cores: one file at a time keeps their deadlines honest.
      project('e2e', 180_000, { fileParallelism: false }),
    ],
  },
});
