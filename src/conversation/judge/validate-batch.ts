import type { Verify } from '../../identity/signature.ts';
import type { CommitId, ConversationId } from '../../ids.ts';
import type { CommitGraph } from '../graph/commit-graph.ts';
import { readFounding, rootOf } from '../log/founding.ts';
import type { HistoryReader } from '../log/history-reader.ts';
import type { PackPlace } from '../repository/repository.ts';
import type { Founding } from '../rules/commit-facts.ts';
import { flaw, type Refusal } from '../rules/rule.ts';
import { Screening } from '../screening/screening-adapter.ts';
import type { WalkedCommits } from '../screening/walk-screened.ts';
import { commitsToJudge } from './commits-to-judge.ts';
import { damageOf } from './damage.ts';
import { judgeCommits } from './judge-commits.ts';
import { type IsRevoked, judgeStanding } from './judge-standing.ts';
import { walkHistory } from './walk-history.ts';

export interface Batch {
  readonly head: CommitId;
  /** Over the staged objects, and below them those that are part of the log. With caches of its own: what a refused batch brought must not pass for something we have. */
  readonly history: HistoryReader;
  /** Where the staged objects lie, if that is in files. */
  readonly packs?: readonly PackPlace[] | undefined;
  /** How many commits are staged. */
  readonly commits?: number;
  /** What watched them come. */
  readonly screening?: Screening | undefined;
}

export type ValidatedBatch =
  | { readonly outcome: 'valid'; readonly walked: WalkedCommits; readonly founding: Founding }
  | { readonly outcome: 'refused'; readonly refusal: Refusal };

/** What the batch is to become part of; for a clone only the name of the conversation, where that is known. */
export type BatchTarget =
  | { readonly graph: CommitGraph; readonly founding: Founding }
  | { readonly conversation: ConversationId | undefined };

export interface ValidateOptions {
  readonly signal: AbortSignal;
  /** Whether the account no longer stands behind the device; nobody is revoked without it. */
  readonly isRevoked?: IsRevoked;
  readonly verify?: Verify | undefined;
  /** Told as the judging goes on: how many commits it has come to, of how many. */
  readonly onJudged?: (judged: number, commits: number) => void;
}

/**
 * Judges everything that the batch's head reaches and the log does not hold, parents first, up to the first refusal.
 */
export async function validateBatch(
  { head, history, packs = [], commits: staged, screening }: Batch,
  target: BatchTarget,
  { signal, isRevoked = () => false, verify, onJudged }: ValidateOptions,
): Promise<ValidatedBatch> {
  const named = 'conversation' in target ? target.conversation : undefined;
  const known = 'graph' in target ? target.graph : undefined;
  await using screens = screening ?? new Screening({ signal });
  const screened = await screens.finish({ history, packs, head, commits: staged });
  const walked = await walkHistory(history, head, { known, screened, signal });
  const { graph, count } = walked;
  const [problem] = walked.problems;
  if (problem) return { outcome: 'refused', refusal: problem };
  const founding = 'founding' in target ? target.founding : await readFounding(history, rootOf(graph, head));
  if (named !== undefined && founding.conversation !== named) {
    const message = `the history is that of ${founding.conversation ?? 'no conversation'}`;
    return { outcome: 'refused', refusal: { commit: head, ...flaw('S2', message) } };
  }
  const standing = await judgeStanding(history, head, isRevoked).catch((error) => damageOf(error).flaw);
  if (standing) return { outcome: 'refused', refusal: { commit: head, ...standing } };
  const onPassed = onJudged && ((passed: number) => onJudged(passed, count));
  const commits = commitsToJudge(walked, { history, founding, screened, onPassed, signal });
  const isSigned = screened && ((id: CommitId) => screened.isSigned(id));
  for await (const refusal of judgeCommits({ history, graph, founding }, commits, { signal, verify, isSigned }))
    return { outcome: 'refused', refusal };
  return { outcome: 'valid', walked, founding };
}
