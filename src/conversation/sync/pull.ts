import type { Interaction } from '../../events/interaction.ts';
import type { DeviceKeys } from '../../identity/identity.ts';
import type { Verify } from '../../identity/signature.ts';
import type { CommitId, ConversationId } from '../../ids.ts';
import type { Channel, Clock } from '../../ports.ts';
import { secondsAfter } from '../commit-time.ts';
import { isAncestor } from '../graph/ancestry.ts';
import { mergeDepth } from '../graph/merge-depth.ts';
import { packFlawOf } from '../judge/damage.ts';
import type { IsRevoked } from '../judge/judge-standing.ts';
import { validateBatch } from '../judge/validate-batch.ts';
import type { HistoryReader } from '../log/history-reader.ts';
import type { LogState } from '../log/log-state.ts';
import { mergeHeads } from '../merge/merge-heads.ts';
import type { Repository, StagedPack } from '../repository/repository.ts';
import type { Refusal } from '../rules/rule.ts';
import { keysIn } from '../screening/keys-in-history.ts';
import { Screening } from '../screening/screening-adapter.ts';
import type { WalkedCommits } from '../screening/walk-screened.ts';
import type { Mutex } from '../write/mutex.ts';
import { writePrepared } from '../write/prepare-commit.ts';
import { followHead } from '../write/work-tree.ts';
import { fetchPack } from './fetch-upload-pack.ts';
import { pathOf } from './request-line.ts';

/** How a pull ended. Expected outcomes all; `head` is the other side's, and `refusal` the first that was found. */
export type PullOutcome =
  | { readonly outcome: 'up-to-date' }
  | {
      readonly outcome: 'admitted';
      /** New here, in canonical order, an own merge commit included. */
      readonly interactions: readonly Interaction[];
      /** Ours now. */
      readonly head: CommitId;
      /** The own merge commit, when one was needed. */
      readonly merged?: CommitId;
    }
  /** Both sides went on from a common commit, and merging is left to the other one. Nothing was taken in. */
  | { readonly outcome: 'diverged'; readonly head: CommitId }
  | {
      readonly outcome: 'refused';
      /** Unmergeable is what breaks no rule, but cannot be joined with our own head by us. */
      readonly why: 'broken' | 'unmergeable';
      readonly refusal: Refusal;
      readonly head: CommitId;
    };

export interface PullOptions {
  readonly signal: AbortSignal;
  /**
   * Asked when both sides went on: whether to write a merge commit, or to leave that to others. `stacked` is the number of
   * merges that lie on top of both heads (`mergeDepth`). Always yes without it.
   */
  mayMerge?(stacked: number): boolean;
  readonly isRevoked?: IsRevoked;
  /** Heads that are not fetched, as if they were here: nothing good came of them before. */
  isRefused?(head: CommitId): boolean;
}

export interface PullParts {
  readonly id: ConversationId;
  readonly repository: Repository;
  readonly log: LogState;
  readonly keys: DeviceKeys;
  readonly clock: Clock;
  readonly verify?: Verify | undefined;
  /** Held only while the log changes: fetching and judging can take long, and writing goes on meanwhile. */
  readonly writing: Mutex;
}

/** Fetches, stages, judges parents first, and only then makes what came part of the log. */
export async function pull(
  parts: PullParts,
  channel: Channel,
  { signal, mayMerge = () => true, isRevoked = () => false, isRefused = () => false }: PullOptions,
): Promise<PullOutcome> {
  const { id, repository, log, clock } = parts;
  const { head, pack } = await fetchPack(channel, {
    request: { path: pathOf(id), host: channel.peer.device },
    has: async (commit) => log.graph.has(commit) || isRefused(commit),
    haves: newestFirst(log),
    clock,
    signal,
  });
  if (head === undefined || pack === undefined) return { outcome: 'up-to-date' };
  const ownKeys = keysIn(log.history);
  await using screening = new Screening({
    signal,
    knownKeyOf: ({ device }) => ownKeys({ device, tree: log.tree().id }),
  });
  const staged = await repository.stagePack(pack, { signal, watch: screening }).catch(packFlawOf);
  if ('rule' in staged) return refused(head, { commit: head, ...staged });
  try {
    const history = log.history.over(staged.objects);
    const received = { head, history, packs: staged.packs?.(), commits: staged.commitIds.length, screening };
    const batch = await validateBatch(received, log, { signal, isRevoked, verify: parts.verify });
    if (batch.outcome === 'refused') return refused(head, batch.refusal);
    return await parts.writing.run(() =>
      admit(parts, { head, staged, history, walked: batch.walked, mayMerge }, signal),
    );
  } finally {
    await staged[Symbol.asyncDispose]();
  }
}

interface JudgedBatch {
  readonly head: CommitId;
  readonly staged: StagedPack;
  readonly history: HistoryReader;
  /** Its graph lies on the log's own, so it has what was written meanwhile. */
  readonly walked: WalkedCommits;
  readonly mayMerge: (stacked: number) => boolean;
}

async function admit(parts: PullParts, batch: JudgedBatch, signal: AbortSignal): Promise<PullOutcome> {
  const { repository, log, keys, clock } = parts;
  const { head, staged, history, walked } = batch;
  const { graph } = walked;
  if (log.graph.has(head)) return { outcome: 'up-to-date' };
  const [ours, treeBefore] = [log.head(), log.tree()];
  const hasDiverged = !isAncestor(graph, ours, head);
  const stacked = () => Math.min(mergeDepth(graph, ours), mergeDepth(graph, head));
  if (hasDiverged && !batch.mayMerge(stacked())) return { outcome: 'diverged', head };
  const times = [ours, head].map((id) => graph.get(id)?.committedAt);
  const heads = { history, objects: staged.objects, graph, founding: log.founding, ours, theirs: head };
  const merge = await mergeHeads(heads, { keys, seconds: secondsAfter(clock, times) });
  if (merge.outcome === 'unmergeable')
    return { outcome: 'refused', why: 'unmergeable', refusal: { commit: head, ...merge.flaw }, head };
  await staged.keep();
  if (merge.outcome === 'merged') await writePrepared(repository, merge.prepared);
  const merged = merge.outcome === 'merged' ? merge.prepared.commit.id : undefined;
  await repository.moveHead({ from: ours, to: merged ?? head });
  const interactions = await log.advance(merged ?? head, { walked, signal });
  if (log.tree().id !== treeBefore.id) await followHead(repository);
  return { outcome: 'admitted', interactions, head: log.head(), ...(merged && { merged }) };
}

function refused(head: CommitId, refusal: Refusal): PullOutcome {
  return { outcome: 'refused', why: 'broken', refusal, head };
}

function* newestFirst(log: LogState): Iterable<CommitId> {
  const history = log.linearized();
  for (let position = history.length - 1; position >= 0; position--) yield history.idAt(position);
}
