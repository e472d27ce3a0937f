import { CommitGraph } from '../graph/commit-graph.ts';
import { gatherFacts } from '../judge/gather-facts.ts';
import type { HistoryReader } from '../log/history-reader.ts';
import type { UnlinkedInteraction } from '../log/interaction-of.ts';
import type { Objects } from '../repository/repository.ts';
import type { CommitFacts, Founding } from '../rules/commit-facts.ts';
import { judge } from '../rules/judge.ts';
import type { Flaw } from '../rules/rule.ts';
import { bringsFiles, objectsWith, type PreparedCommit } from './prepare-commit.ts';

export interface JudgedOn {
  /** All objects that the commit's parents reach. */
  readonly objects: Objects;
  readonly history: HistoryReader;
  /** Holds the parents and all that they descend from. */
  readonly graph: CommitGraph;
  readonly founding: Founding;
}

export interface Judged {
  /** What others would say of it. Its signature is not in doubt. */
  readonly flaws: readonly Flaw[];
  /** What it says: the facts for judging are those that the log keeps. */
  readonly said: UnlinkedInteraction;
}

/** Judges a commit before it is written, as others will when they get it. */
export async function judgePrepared(
  { objects, history, graph, founding }: JudgedOn,
  prepared: PreparedCommit,
): Promise<Judged> {
  const { id, parents, committer } = prepared.commit;
  const grown = new CommitGraph(graph);
  grown.add({ id, parents, committedAt: committer.seconds });
  // Only what a commit brings along is not among the objects yet: without that, nothing has to be read again.
  const reader = bringsFiles(prepared) ? history.over(objectsWith(objects, prepared)) : history;
  const facts = await gatherFacts({ history: reader, graph: grown, founding }, prepared.commit);
  return { flaws: judge(facts), said: saidBy(facts) };
}

function saidBy({ commit, content, signer }: CommitFacts): UnlinkedInteraction {
  const { id, parents, author, committer } = commit;
  return {
    id,
    parents,
    ...('uri' in signer && { author: signer.uri }),
    device: author.device,
    committedAt: committer.seconds,
    content,
  };
}
