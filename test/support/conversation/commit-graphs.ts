import fc from 'fast-check';
import type { CommitNode } from '../../../src/conversation/graph/commit-node.ts';
import { CommitId } from '../../../src/ids.ts';

/** The id that stands for a number in a made-up graph. */
export function commitIdOf(number: number): CommitId {
  return CommitId.parse(((number * 2654435761) % 2 ** 32).toString(16).padStart(8, '0').repeat(5));
}

/** Made-up conversations: one root, up to two parents each, times that collide and run backwards. Parents before children. */
export function commitGraphs(maxLength = 40): fc.Arbitrary<readonly CommitNode[]> {
  return fc
    .array(fc.record({ parents: fc.tuple(fc.nat(7), fc.nat(7)), time: fc.nat(5) }), { minLength: 1, maxLength })
    .map((rows) =>
      rows.map(({ parents, time }, row) => ({
        id: commitIdOf(row),
        parents: row === 0 ? [] : [...new Set(parents.map((back) => commitIdOf(Math.max(0, row - 1 - back))))],
        committedAt: time,
      })),
    );
}
