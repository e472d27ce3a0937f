import { SyncError } from '../../errors.ts';
import type { Interaction } from '../../events/interaction.ts';
import type { CommitId } from '../../ids.ts';
import { COMMITS_GATHERED, COMMITS_STORED_AT_ONCE } from '../../limits.ts';
import type { Commit } from '../commit.ts';
import { CommitGraph } from '../graph/commit-graph.ts';
import type { HistoryReader } from '../log/history-reader.ts';
import type { LogState, ReadCommit } from '../log/log-state.ts';
import type { Repository } from '../repository/repository.ts';
import { type Judged, judgePrepared } from './judge-prepared.ts';
import { bringsFiles, objectsWith, type PreparedCommit } from './prepare-commit.ts';
import { followHead } from './work-tree.ts';

export interface CommitStoreParts {
  readonly repository: Repository;
  readonly log: LogState;
  /** Another commit is being signed on top of those that came, which nobody waits for alone. No, unless given. */
  readonly isMoreComing?: () => boolean;
}

/** A signed commit. */
export interface CommitToStore extends PreparedCommit {
  /** Where somebody has begun to judge it. */
  readonly judged?: Promise<Judged>;
  /** Where it is being appended already, unless it has flaws. */
  readonly appended?: Promise<void>;
}

/** Makes signed commits part of the log. */
export interface CommitStore {
  /**
   * Resolves when the commit is on the disk and the head leads to it. Throws REFUSED for one that others would refuse, DISK_FULL,
   * FILE_FAILED, REF_CONFLICT; those that were signed on top of it fail for the same reason.
   */
  store(prepared: CommitToStore): Promise<Interaction>;
  /** To be called when no more is coming: what has gathered is stored now. */
  look(): void;
}

interface Waiting {
  readonly prepared: CommitToStore;
  readonly resolve: (interaction: Interaction) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Stores commits in the order they come. Whatever has come while others were being stored is stored together: its files
 * are flushed at the same time and the reference moves once. While more are coming `COMMITS_GATHERED` are waited for, since
 * flushes take the processor from signing. So the more is asked for, the less a commit costs.
 */
export function createCommitStore(parts: CommitStoreParts): CommitStore {
  const { log, isMoreComing = () => false } = parts;
  let waiting: Waiting[] = [];
  let isStoring = false;
  /** Why the commit failed that others may still be signed on. */
  let failure: unknown;

  function isDue(): boolean {
    if (waiting.length === 0) return false;
    const isDoomed = chainOn(log.head(), waiting).length === 0;
    return (
      isDoomed || waiting[0]?.prepared.appended !== undefined || waiting.length >= COMMITS_GATHERED || !isMoreComing()
    );
  }

  async function storeAll(): Promise<void> {
    isStoring = true;
    while (isDue()) {
      const chained = chainOn(log.head(), waiting);
      // What stands on a commit that failed can come to nothing.
      for (const { reject } of chained.length > 0 ? [] : waiting) reject(failure);
      waiting = chained.length > 0 ? waiting.slice(chained.length) : [];
      await storeTogether(parts, chained).catch((error: unknown) => {
        failure = error;
        for (const { reject } of chained) reject(error);
      });
    }
    isStoring = false;
  }

  function look(): void {
    if (!isStoring) void storeAll();
  }

  return {
    look,
    store: (prepared) =>
      new Promise((resolve, reject) => {
        waiting.push({ prepared, resolve, reject });
        look();
      }),
  };
}

/** The first of those that wait, as far as each stands on the one before it. What is being appended already is alone. */
function chainOn(head: CommitId, waiting: readonly Waiting[]): readonly Waiting[] {
  const isNext = ({ prepared }: Waiting, place: number) => {
    const before = waiting[place - 1]?.prepared;
    return prepared.commit.parents[0] === (before?.commit.id ?? head) && !before?.appended;
  };
  const end = waiting.findIndex((one, place) => place >= COMMITS_STORED_AT_ONCE || !isNext(one, place));
  return end < 0 ? waiting : waiting.slice(0, end);
}

/** Stores those before the first one that is refused, and throws for that one. */
async function storeTogether(parts: CommitStoreParts, chain: readonly Waiting[]): Promise<void> {
  const { repository, log } = parts;
  const commits = chain.map(({ prepared }) => prepared);
  const { sound, refusal } = await judgeChain(parts, commits);
  const last = sound.at(-1)?.prepared;
  if (last) {
    const [head, treeBefore] = [log.head(), log.tree()];
    const objects = sound.flatMap(({ prepared }) => prepared.objects);
    await (last.appended ?? repository.append(objects, { from: head, to: last.commit.id }));
    const interactions = await log.advanceBy(sound);
    if (log.tree().id !== treeBefore.id) await followHead(repository);
    for (const [place, { resolve }] of chain.slice(0, sound.length).entries()) {
      const interaction = interactions[place];
      if (!interaction) throw new SyncError('UNREACHABLE', { value: last.commit.id });
      resolve(interaction);
    }
  }
  if (refusal) throw refusal;
}

/** One that others will take. */
interface SoundCommit extends ReadCommit {
  readonly prepared: CommitToStore;
}

interface JudgedChain {
  readonly sound: readonly SoundCommit[];
  readonly refusal: SyncError | undefined;
}

/** Judges each as others will, on those before it, which are not written yet. */
async function judgeChain(
  { repository, log }: CommitStoreParts,
  commits: readonly CommitToStore[],
): Promise<JudgedChain> {
  const graph = new CommitGraph(log.graph);
  const known = new Map<CommitId, Commit>();
  const history = knowing(log.history, known);
  const sound: SoundCommit[] = [];
  for (const prepared of commits) {
    const { commit } = prepared;
    const { id, parents, committer } = commit;
    const objects = bringsFiles(prepared)
      ? objectsWith(repository.objects, ...sound.map((one) => one.prepared))
      : repository.objects;
    const judging = prepared.judged ?? judgePrepared({ objects, history, graph, founding: log.founding }, prepared);
    const { flaws, said } = await judging;
    const [flaw] = flaws;
    if (flaw) return { sound, refusal: new SyncError('REFUSED', { reason: flaw.rule, detail: flaw.message }) };
    // Judged ahead it had another id.
    sound.push({ prepared, commit, said: { ...said, id } });
    known.set(id, commit);
    graph.add({ id, parents, committedAt: committer.seconds });
  }
  return { sound, refusal: undefined };
}

/** The history with a few commits more. */
function knowing(history: HistoryReader, commits: ReadonlyMap<CommitId, Commit>): HistoryReader {
  return { ...history, commit: async (id) => commits.get(id) ?? history.commit(id) };
}
