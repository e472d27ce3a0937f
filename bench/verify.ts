/** Commits verified per second, by all rules, against nothing but the verification of their signatures. */
import { availableParallelism } from 'node:os';
import { bareVerification } from './bare-verification.ts';
import type { Benchmark } from './figure.ts';
import { installed } from './installed.ts';
import { watchOwnMemory } from './own-memory.ts';
import { compare, type Run, rateOf } from './rounds.ts';
import { seededLog } from './seeded-log.ts';

export const benchVerify: Benchmark = async ({ quick, cacheFolder, signal }) => {
  const count = quick ? 20 : 20_000;
  const rounds = quick ? 1 : 3;
  const path = await seededLog(cacheFolder, count);
  const ours = await verification({ path, count, signal });
  const facts = await factsOf(count, ours);
  const bare = await bareVerification(path, signal);
  const oneThread = await compare({
    rounds,
    ours,
    baseline: { what: 'bare RSA verification on one thread', run: bare.onOneThread },
  });
  const allCores = await compare({ rounds, ours, baseline: { what: ON_THE_POOL, run: bare.onThePool } });
  const cores = availableParallelism();
  return [
    { name: 'verify', unit: 'commits/s', ...oneThread, facts: { ...facts, baselineThreads: 1 } },
    { name: 'verify, all cores', unit: 'commits/s', ...allCores, facts: { ...facts, baselineThreads: cores } },
  ];
};

/** A history so long that what starting threads costs does not count. */
export const benchVerifyLong: Benchmark = async ({ quick, cacheFolder, signal }) => {
  const count = quick ? 20 : 100_000;
  const path = await seededLog(cacheFolder, count);
  const ours = await verification({ path, count, signal });
  const facts = await factsOf(count, ours);
  const { onThePool } = await bareVerification(path, signal);
  const compared = await compare({ rounds: quick ? 1 : 3, ours, baseline: { what: ON_THE_POOL, run: onThePool } });
  const baselineThreads = availableParallelism();
  return [{ name: 'verify, 100,000', unit: 'commits/s', ...compared, facts: { ...facts, baselineThreads } }];
};

const ON_THE_POOL = 'bare RSA verification on the thread pool';

interface Verifying {
  readonly path: string;
  readonly count: number;
  readonly signal: AbortSignal;
}

async function verification({ path, count, signal }: Verifying): Promise<Run> {
  const { openSource } = await installed<typeof import('../src/conversation/repository/open-source-adapter.ts')>(
    'conversation/repository/open-source-adapter',
  );
  const { verifyHistory } = await installed<typeof import('../src/conversation/judge/verify-history.ts')>(
    'conversation/judge/verify-history',
  );
  return async () => {
    await using reader = await openSource(path);
    return await rateOf(count, async () => {
      const { valid, commits } = await verifyHistory(reader, { signal });
      if (!valid || commits !== count) throw new Error('the seeded log does not verify');
    });
  };
}

/** To be called before anything else has made this process grow. */
async function factsOf(commits: number, ours: Run) {
  const memory = watchOwnMemory();
  await ours();
  return { commits, key: 'RSA-4096', memoryMiB: memory.stop() };
}
