import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommitGraph } from '../../../../src/conversation/graph/commit-graph.ts';
import type { CommitNode } from '../../../../src/conversation/graph/commit-node.ts';
import { growOrder } from '../../../../src/conversation/graph/grow-order.ts';
import { linearize } from '../../../../src/conversation/graph/linearize.ts';
import { grownOrder, type HeldOrder, NO_ORDER } from '../../../../src/conversation/log/held-order.ts';
import type { CommitId } from '../../../../src/ids.ts';
import { commitGraphs, commitIdOf } from '../../../support/conversation/commit-graphs.ts';

const idsOf = (commits: readonly CommitNode[]): readonly CommitId[] => commits.map(({ id }) => id);
const idsIn = (graph: CommitGraph, { rows, length }: HeldOrder) =>
  Array.from(rows.subarray(0, length), (row) => graph.idAt(row));

describe('an order that grows', () => {
  it('is at every step the one of all commits, and what it was before stays as it was', () => {
    fc.assert(
      fc.property(commitGraphs(60), fc.array(fc.integer({ min: 1, max: 15 })), (commits, cuts) => {
        const graph = new CommitGraph();
        let order = NO_ORDER;
        for (const cut of [...cuts, commits.length]) {
          const [before, idsBefore] = [order, idsIn(graph, order)];
          for (const commit of commits.slice(graph.size, graph.size + cut)) graph.add(commit);
          order = grownOrder(order, graph);
          expect(idsIn(graph, order)).toEqual(idsOf(linearize(commits.slice(0, graph.size))));
          expect(idsIn(graph, before)).toEqual(idsBefore);
          for (let row = 0; row < order.length; row += 1) expect(order.rows[order.positions[row] ?? -1]).toBe(row);
        }
      }),
    );
  });

  it('puts a late commit before what is later, and leaves the others where they are', () => {
    const chain = Array.from({ length: 10 }, (_, row) => ({
      ...{ id: commitIdOf(row), parents: row === 0 ? [] : [commitIdOf(row - 1)], committedAt: 10 * row },
    }));
    const late = { id: commitIdOf(100), parents: [commitIdOf(2)], committedAt: 55 };
    const graph = new CommitGraph();
    for (const commit of chain) graph.add(commit);
    const before = grownOrder(NO_ORDER, graph);
    graph.add(late);
    const after = idsIn(graph, grownOrder(before, graph));
    expect(after).toEqual(idsOf([...chain.slice(0, 6), late, ...chain.slice(6)]));
  });

  it('leaves alone what is before the parent of a late commit, however early the commit says it is', () => {
    const chain = Array.from({ length: 10 }, (_, row) => ({
      ...{ id: commitIdOf(row), parents: row === 0 ? [] : [commitIdOf(row - 1)], committedAt: 10 * row },
    }));
    const graph = new CommitGraph();
    for (const commit of chain) graph.add(commit);
    const { rows, length } = grownOrder(NO_ORDER, graph);
    graph.add({ id: commitIdOf(100), parents: [commitIdOf(6)], committedAt: 5 });
    expect(growOrder(graph, rows.slice(0, length), graph.size)).toEqual({
      ...{ from: 7, moved: Int32Array.of(10, 7, 8, 9) },
    });
  });
});
