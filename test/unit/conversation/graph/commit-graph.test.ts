import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommitGraph } from '../../../../src/conversation/graph/commit-graph.ts';
import { commitGraphs } from '../../../support/conversation/commit-graphs.ts';

describe('a commit graph', () => {
  it('knows which commits are nobody’s parents', () => {
    fc.assert(
      fc.property(commitGraphs(60), (commits) => {
        const graph = new CommitGraph();
        for (const commit of commits) graph.add(commit);
        const parents = new Set(commits.flatMap((commit) => commit.parents));
        const tops = commits.filter(({ id }) => !parents.has(id)).map(({ id }) => id);
        expect([...graph.topRows()].map((row) => graph.idAt(row)).toSorted()).toEqual(tops.toSorted());
      }),
    );
  });
});
