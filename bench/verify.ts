/** Commits verified per second, by all rules, against nothing but the verification of their signatures. */
import type { KeyObject } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Commit } from '../src/conversation/commit.ts';
import { createHistoryReader } from '../src/conversation/history-reader.ts';
import { openSource } from '../src/conversation/repository/open-source-adapter.ts';
import { findSigner } from '../src/conversation/signer.ts';
import { verifyHistory } from '../src/conversation/verify-history.ts';
import { walkHistory } from '../src/conversation/walk-history.ts';
import { verify, verifySync } from '../src/identity/signature.ts';
import type { Benchmark } from './figure.ts';
import { compare, rateOf } from './rounds.ts';
import { seededLog } from './seeded-log.ts';

export const benchVerify: Benchmark = async ({ quick, cacheFolder, signal }) => {
  const count = quick ? 20 : 5000;
  const rounds = quick ? 1 : 5;
  const path = await seededLog(cacheFolder, count);
  const signed = await signaturesIn(path, signal);
  const facts = { commits: count, key: 'RSA-4096' };

  async function ours(): Promise<number> {
    await using reader = await openSource(path);
    return await rateOf(count, async () => {
      const { valid, commits } = await verifyHistory(reader, { signal });
      if (!valid || commits !== count) throw new Error('the seeded log does not verify');
    });
  }

  const oneThread = await compare({
    rounds,
    ours,
    baseline: {
      what: 'bare RSA verification on one thread',
      run: () => rateOf(count, () => requireAll(signed.map(holds))),
    },
  });
  const allCores = await compare({
    rounds,
    ours,
    baseline: {
      what: 'bare RSA verification on the thread pool',
      run: () => rateOf(count, async () => requireAll(await Promise.all(signed.map(holdsOnPool)))),
    },
  });
  const cores = availableParallelism();
  return [
    { name: 'verify', unit: 'commits/s', ...oneThread, facts: { ...facts, baselineThreads: 1 } },
    { name: 'verify, all cores', unit: 'commits/s', ...allCores, facts: { ...facts, baselineThreads: cores } },
  ];
};

interface Signed {
  readonly key: KeyObject;
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
}

function holds({ key, bytes, signature }: Signed): boolean {
  return verifySync(key, bytes, signature);
}

function holdsOnPool({ key, bytes, signature }: Signed): Promise<boolean> {
  return verify(key, bytes, signature);
}

function requireAll(verdicts: readonly boolean[]): void {
  if (!verdicts.every(Boolean)) throw new Error('a seeded signature does not hold');
}

async function signaturesIn(path: string, signal: AbortSignal): Promise<Signed[]> {
  await using reader = await openSource(path);
  const history = createHistoryReader(reader);
  const head = await reader.head();
  if (!head) throw new Error('the seeded log is empty');
  const { commits } = await walkHistory(history, head, { signal });
  const signed: Signed[] = [];
  for (const { id } of commits) {
    const commit: Commit = await history.commit(id);
    const signer = await findSigner(history, await history.trees.read(commit.tree), commit.author.device);
    if (!('uri' in signer) || !commit.signature) throw new Error('a seeded commit is not signed');
    signed.push({ key: signer.certificate.publicKey, bytes: commit.signedBytes, signature: commit.signature });
  }
  return signed;
}
