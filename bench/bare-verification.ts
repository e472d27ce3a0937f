import type { KeyObject } from 'node:crypto';
import type { Commit } from '../src/conversation/commit.ts';
import { findSigner } from '../src/conversation/judge/signer.ts';
import { walkedIds, walkHistory } from '../src/conversation/judge/walk-history.ts';
import { createHistoryReader } from '../src/conversation/log/history-reader.ts';
import { openSource } from '../src/conversation/repository/open-source-adapter.ts';
import { verify, verifySync } from '../src/identity/signature.ts';
import { type Run, rateOf } from './rounds.ts';

interface Signed {
  readonly key: KeyObject;
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
}

/** Verifies the signatures of a seeded log and does nothing else: as fast as judging its commits could ever be. */
export async function bareVerification(
  path: string,
  signal: AbortSignal,
): Promise<{ readonly onOneThread: Run; readonly onThePool: Run }> {
  const signed = await signaturesIn(path, signal);
  return {
    onOneThread: () => rateOf(signed.length, () => requireAll(signed.map(holds))),
    onThePool: () => rateOf(signed.length, async () => requireAll(await Promise.all(signed.map(holdsOnPool)))),
  };
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
  const walked = await walkHistory(history, head, { signal });
  const signed: Signed[] = [];
  for (const id of walkedIds(walked)) {
    const commit: Commit = await history.commit(id);
    const signer = await findSigner(history, await history.trees.read(commit.tree), commit.author.device);
    if (!('uri' in signer) || !commit.signature) throw new Error('a seeded commit is not signed');
    signed.push({ key: signer.certificate.publicKey, bytes: commit.signedBytes, signature: commit.signature });
  }
  return signed;
}
