import { type Verify, verify } from '../../identity/signature.ts';
import type { CommitId } from '../../ids.ts';
import { SIGNATURES_AHEAD, SIGNATURES_AHEAD_BYTES } from '../../limits.ts';
import { createPauses } from '../repository/housekeeping/pauses.ts';
import { type AuthoredFacts, type CommitFacts, isAuthored } from '../rules/commit-facts.ts';
import { judge } from '../rules/judge.ts';
import type { Flaw, Refusal } from '../rules/rule.ts';
import { judgeSignature } from '../rules/signature.ts';
import { damageOf } from './damage.ts';
import { gatherFacts, type Surroundings } from './gather-facts.ts';

export interface JudgeOptions {
  readonly signal: AbortSignal;
  readonly verify?: Verify | undefined;
  /** Of these it is known that the key which the author's device id stands for made the signature. */
  readonly isSigned?: ((id: CommitId) => boolean) | undefined;
}

/**
 * Judges commits in the order given, parents first, and yields every refusal in that order.
 *
 * Each commit is judged on its own history, so a refused parent does not condemn its children: they are reported only for
 * what is wrong with themselves. What lies on top of a commit that cannot be read is not judged: nothing sound can be said
 * of what it changes. An object that many commits share is reported once, with the first of them.
 *
 * Signatures are verified on the pool's threads unless told otherwise, a bounded number ahead, while the
 * next commits are read.
 */
export async function* judgeCommits(
  surroundings: Surroundings,
  commits: Iterable<CommitId> | AsyncIterable<CommitId>,
  { signal, verify: verifyWith = verify, isSigned = () => false }: JudgeOptions,
): AsyncGenerator<Refusal> {
  const underWay: UnderWay[] = [];
  let bytesAhead = 0;
  const reported = new Set<string>();
  const giveWay = createPauses();
  for await (const id of commits) {
    signal.throwIfAborted();
    await giveWay();
    const { flaws, signature, signedBytes } = await judgeOne(surroundings, id, {
      reported,
      verify: verifyWith,
      isSigned,
    });
    const refusals = signature.then((last) =>
      [...flaws, ...(last ? [last] : [])].map((found) => ({ commit: id, ...found })),
    );
    underWay.push({ refusals, signedBytes });
    bytesAhead += signedBytes;
    while (underWay.length >= SIGNATURES_AHEAD || bytesAhead >= SIGNATURES_AHEAD_BYTES) {
      const oldest = underWay.shift();
      bytesAhead -= oldest?.signedBytes ?? bytesAhead;
      yield* (await oldest?.refusals) ?? [];
    }
  }
  for (const { refusals } of underWay) yield* await refusals;
}

/** A commit that is judged but for its signature. */
interface UnderWay {
  readonly refusals: Promise<readonly Refusal[]>;
  readonly signedBytes: number;
}

interface Judged {
  readonly flaws: readonly Flaw[];
  /** How many bytes the signature covers. */
  readonly signedBytes: number;
  /** Settles later; never rejects. */
  readonly signature: Promise<Flaw | undefined>;
}

interface Judging {
  /** Objects that were found damaged so far. */
  readonly reported: Set<string>;
  readonly verify: Verify;
  readonly isSigned: (id: CommitId) => boolean;
}

async function judgeOne(surroundings: Surroundings, id: CommitId, judging: Judging): Promise<Judged> {
  const { history, graph } = surroundings;
  try {
    const commit = await history.commit(id);
    if (!commit.parents.every((parent) => graph.has(parent))) return judged([]);
    const facts = await gatherFacts(surroundings, commit);
    const signedBytes = commit.signedBytes.byteLength;
    return { flaws: judge(facts), signedBytes, signature: judgeLater(facts, judging) };
  } catch (error) {
    const damage = damageOf(error);
    if (judging.reported.has(damage.object)) return judged([]);
    judging.reported.add(damage.object);
    return judged([damage.flaw]);
  }
}

async function judgeLater(facts: CommitFacts, judging: Judging): Promise<Flaw | undefined> {
  return judgeSignature(facts, isAuthored(facts) && (await holds(facts, judging)));
}

async function holds({ commit, signer }: AuthoredFacts, { verify: verifyWith, isSigned }: Judging): Promise<boolean> {
  const { publicKey, longId } = signer.certificate;
  if (commit.signature === undefined) return false;
  if (longId === commit.author.device && isSigned(commit.id)) return true;
  return verifyWith(publicKey, commit.signedBytes, commit.signature);
}

function judged(flaws: readonly Flaw[]): Judged {
  return { flaws, signedBytes: 0, signature: Promise.resolve(undefined) };
}
