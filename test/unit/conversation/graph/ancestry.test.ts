import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAncestor, mergeBases } from '../../../../src/conversation/graph/ancestry.ts';
import { CommitGraph } from '../../../../src/conversation/graph/commit-graph.ts';
import type { CommitNode } from '../../../../src/conversation/graph/commit-node.ts';
import type { CommitId } from '../../../../src/ids.ts';
import { commitGraphs } from '../../../support/conversation/commit-graphs.ts';

function graphOf(commits: readonly CommitNode[]): CommitGraph {
  const graph = new CommitGraph();
  for (const commit of commits) graph.add(commit);
  return graph;
}

/** The definition, by brute force. */
function reached(commits: readonly CommitNode[], from: CommitId): Set<CommitId> {
  const found = new Set([from]);
  for (const { id, parents } of [...commits].reverse())
    if (found.has(id)) for (const parent of parents) found.add(parent);
  return found;
}

const graphAndTwo = commitGraphs().chain((commits) =>
  fc.tuple(fc.constant(commits), fc.constantFrom(...commits), fc.constantFrom(...commits)),
);

describe('ancestry', () => {
  it('says who descends from whom as walking all parents does', () => {
    fc.assert(
      fc.property(commitGraphs(), (commits) => {
        const graph = graphOf(commits);
        for (const { id } of commits) {
          const ancestors = commits.filter((other) => isAncestor(graph, other.id, id));
          expect(new Set(ancestors.map((other) => other.id))).toEqual(reached(commits, id));
        }
      }),
    );
  });

  it('finds the common ancestors that are no ancestor of another common one', () => {
    fc.assert(
      fc.property(graphAndTwo, ([commits, a, b]) => {
        const theirs = reached(commits, b.id);
        const common = [...reached(commits, a.id)].filter((id) => theirs.has(id));
        const best = common.filter((id) => !common.some((other) => other !== id && reached(commits, other).has(id)));
        expect(mergeBases(graphOf(commits), a.id, b.id)).toEqual(best.sort());
      }),
    );
  });

  it('gives the same answers on a graph that lies on top of another', () => {
    fc.assert(
      fc.property(graphAndTwo, fc.nat(), ([commits, a, b], cut) => {
        const at = cut % commits.length;
        const upper = new CommitGraph(graphOf(commits.slice(0, at)));
        for (const commit of commits.slice(at)) upper.add(commit);
        expect(mergeBases(upper, a.id, b.id)).toEqual(mergeBases(graphOf(commits), a.id, b.id));
        expect(isAncestor(upper, a.id, b.id)).toBe(isAncestor(graphOf(commits), a.id, b.id));
        expect(upper.size).toBe(commits.length);
      }),
    );
  });
});
