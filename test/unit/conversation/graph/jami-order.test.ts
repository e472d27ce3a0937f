import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jamiOrder } from '../../../../src/conversation/graph/jami-order.ts';
import { CommitId } from '../../../../src/ids.ts';
import { commitGraphs } from '../../../support/conversation/commit-graphs.ts';

interface Recorded {
  commits: { id: string; parents: string[]; timestamp: number }[];
  daemonLoadedMessages: Record<string, { head: string; messages: { id: string }[] }>;
}
const recorded: Recorded = JSON.parse(
  readFileSync(new URL('../../../../fixtures/jami/one-to-one/expected.json', import.meta.url), 'utf8'),
);
const commits = new Map(
  recorded.commits.map(({ id, parents, timestamp }) => [
    CommitId.parse(id),
    { id: CommitId.parse(id), parents: parents.map((parent) => CommitId.parse(parent)), committedAt: timestamp },
  ]),
);

describe('the order the daemon shows', () => {
  it.each(Object.entries(recorded.daemonLoadedMessages))('is the reverse of what it listed for %s', (_, listed) => {
    const order = jamiOrder(commits, CommitId.parse(listed.head)).map(({ id }) => id);
    expect(order.reverse()).toEqual(listed.messages.map(({ id }) => id));
  });

  it('holds what the head reaches once, parents first', () => {
    fc.assert(
      fc.property(commitGraphs(), (graph) => {
        const head = graph.at(-1);
        const order = jamiOrder(new Map(graph.map((commit) => [commit.id, commit])), head?.id ?? CommitId.parse(''));
        const position = new Map(order.map(({ id }, index) => [id, index]));
        expect(position.size).toBe(order.length);
        expect(order.at(-1)?.id).toBe(head?.id);
        for (const { id, parents } of order)
          for (const parent of parents) expect(position.get(parent)).toBeLessThan(position.get(id) ?? -1);
      }),
    );
  });
});
