import { SyncError } from '../../errors.ts';
import type { Mode } from '../../events/kinds/conversation-created.ts';
import type { CommitId, ConversationId } from '../../ids.ts';
import { readFounding, rootOf } from '../log/founding.ts';
import { createHistoryReader, type HistoryReader } from '../log/history-reader.ts';
import type { RepositoryReader } from '../repository/repository.ts';
import type { Refusal } from '../rules/rule.ts';
import { Screening } from '../screening/screening-adapter.ts';
import type { WalkedCommits } from '../screening/walk-screened.ts';
import { commitsToJudge } from './commits-to-judge.ts';
import { judgeCommits } from './judge-commits.ts';
import { walkHistory } from './walk-history.ts';

export interface Verification {
  /** Absent when damage hides the initial commit. */
  readonly conversation: ConversationId | undefined;
  readonly head: CommitId;
  readonly mode: Mode | undefined;
  /** Readable ones that the head reaches, merges included. */
  readonly commits: number;
  readonly merges: number;
  readonly valid: boolean;
  readonly problems: readonly Refusal[];
}

/**
 * Checks everything the head reaches, parents first, by all rules, and reports every problem with the commit it belongs
 * to. Damaged objects are problems. Throws SOURCE_UNREADABLE when there is no commit at all, and the signal's reason.
 */
export function verifyHistory(reader: RepositoryReader, { signal }: { signal: AbortSignal }): Promise<Verification> {
  return verifyThrough(createHistoryReader(reader), { reader, signal });
}

/** As `verifyHistory`. Where the history's reader knows certificates already, their files are not read. */
export async function verifyThrough(
  history: HistoryReader,
  { reader, signal }: { readonly reader: RepositoryReader; readonly signal: AbortSignal },
): Promise<Verification> {
  const head = await reader.head();
  if (!head) throw new SyncError('SOURCE_UNREADABLE', { path: reader.path, detail: 'it holds no commit' });
  await using screening = new Screening({ signal });
  const screened = await screening.finish({ history, packs: reader.packs?.() ?? [], head });
  const walked = await walkHistory(history, head, { screened, signal });
  const founding = await readFounding(history, rootOf(walked.graph, head));
  const problems = [...walked.problems];
  const surroundings = { history, graph: walked.graph, founding, hasGaps: walked.problems.length > 0 };
  const isSigned = screened && ((id: CommitId) => screened.isSigned(id));
  const commits = commitsToJudge(walked, { history, founding, screened, signal });
  for await (const refusal of judgeCommits(surroundings, commits, { signal, isSigned })) problems.push(refusal);
  return {
    conversation: founding.conversation,
    head,
    mode: founding.mode,
    commits: walked.count,
    merges: mergesIn(walked),
    valid: problems.length === 0,
    problems,
  };
}

function mergesIn({ graph, count }: WalkedCommits): number {
  let merges = 0;
  for (let row = 0; row < count; row += 1) if (graph.parentCountAt(row) > 1) merges += 1;
  return merges;
}
