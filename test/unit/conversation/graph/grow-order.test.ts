import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommitNode } from '../../../../src/conversation/graph/commit-node.ts';
import { growOrder } from '../../../../src/conversation/graph/grow-order.ts';
import { linearize } from '../../../../src/conversation/graph/linearize.ts';
import { commitGraphs, commitIdOf } from '../../../support/commit-graphs.ts';

/** Where two orders part. */
function firstDifference(before: readonly CommitNode[], after: readonly CommitNode[]): number {
  const found = after.findIndex(({ id }, place) => before[place]?.id !== id);
  return found < 0 ? after.length : found;
}

describe('an order that grows', () => {
  it('is at every step the one of all commits, and says where it changed', () => {
    fc.assert(
      fc.property(commitGraphs(60), fc.array(fc.integer({ min: 1, max: 15 })), (commits, cuts) => {
        let order: readonly CommitNode[] = [];
        let at = 0;
        for (const cut of [...cuts, commits.length]) {
          const grown = growOrder(order, commits.slice(at, at + cut));
          at += cut;
          expect(grown.order).toEqual(linearize(commits.slice(0, at)));
          expect(grown.from).toBe(firstDifference(order, grown.order));
          order = grown.order;
        }
      }),
    );
  });

  it('puts a late commit before what is later, and leaves the others where they are', () => {
    const chain = Array.from({ length: 10 }, (_, row) => ({
      ...{ id: commitIdOf(row), parents: row === 0 ? [] : [commitIdOf(row - 1)], committedAt: 10 * row },
    }));
    const late = { id: commitIdOf(100), parents: [commitIdOf(2)], committedAt: 55 };
    const { order, from } = growOrder(chain, [late]);
    expect(from).toBe(6);
    expect(order).toEqual([...chain.slice(0, 6), late, ...chain.slice(6)]);
  });
});
