/** Commits verified per second, by all rules, against nothing but the verification of their signatures. */
import { availableParallelism } from 'node:os';
import { bareVerification } from './bare-verification.ts';
import type { Benchmark } from './figure.ts';
import { installed } from './installed.ts';
import { watchOwnMemory } from './own-memory.ts';
import { compare, rateOf } from './rounds.ts';
import { seededLog } from './seeded-log.ts';

export const benchVerify: Benchmark = async ({ quick, cacheFolder, signal }) => {
  const { openSource } = await installed<typeof import('../src/conversation/repository/open-source-adapter.ts')>(
    'conversation/repository/open-source-adapter',
  );
  const { verifyHistory } = await installed<typeof import('../src/conversation/judge/verify-history.ts')>(
    'conversation/judge/verify-history',
  );
  const count = quick ? 20 : 20_000;
  const rounds = quick ? 1 : 3;
  const path = await seededLog(cacheFolder, count);

  async function ours(): Promise<number> {
    await using reader = await openSource(path);
    return await rateOf(count, async () => {
      const { valid, commits } = await verifyHistory(reader, { signal });
      if (!valid || commits !== count) throw new Error('the seeded log does not verify');
    });
  }

  // Before anything else has made this process grow.
  const memory = watchOwnMemory();
  await ours();
  const facts = { commits: count, key: 'RSA-4096', memoryMiB: memory.stop() };
  const bare = await bareVerification(path, signal);
  const oneThread = await compare({
    rounds,
    ours,
    baseline: {
      what: 'bare RSA verification on one thread',
      run: bare.onOneThread,
    },
  });
  const allCores = await compare({
    rounds,
    ours,
    baseline: {
      what: 'bare RSA verification on the thread pool',
      run: bare.onThePool,
    },
  });
  const cores = availableParallelism();
  return [
    { name: 'verify', unit: 'commits/s', ...oneThread, facts: { ...facts, baselineThreads: 1 } },
    { name: 'verify, all cores', unit: 'commits/s', ...allCores, facts: { ...facts, baselineThreads: cores } },
  ];
};
