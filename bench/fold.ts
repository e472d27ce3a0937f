/** How fast the pure parts are: projections, journal, order. Nothing to compare with; the rates themselves count. */
import { Bench } from 'tinybench';
import type { CommitNode } from '../src/conversation/graph/commit-node.ts';
import { linearize } from '../src/conversation/graph/linearize.ts';
import type { Interaction } from '../src/events/interaction.ts';
import type { JournalRecord } from '../src/events/journal-record.ts';
import { ConversationId } from '../src/ids.ts';
import { builtInProjections } from '../src/projections/built-in.ts';
import { announcedFiles, files } from '../src/projections/files.ts';
import { evolveJournal, initialJournalState } from '../src/projections/journal/journal-state.ts';
import { createLiveFolds } from '../src/projections/live-folds.ts';
import { project } from '../src/projections/projection.ts';
import { account, commitId, device, interaction } from '../test/support/events/interactions.ts';
import { linearizedFrom } from '../test/support/events/linearized.ts';
import type { Benchmark, Figure } from './figure.ts';
import { eventAmongOthersAt } from './seeded-events.ts';

const conversation = ConversationId.parse('c'.repeat(40));
const NOW = 1_795_000_000_000;
const DEVICES = 7;

export const benchFold: Benchmark = async ({ quick }) => {
  const scale = quick ? 0.01 : 1;
  const history = seededHistory(20_000 * scale);
  const linearized = linearizedFrom(history);
  const records = seededRecords(history);
  const works: Work[] = [
    {
      ...{ name: 'fold, three projections', unit: 'interactions/s', count: history.length },
      run: () => createLiveFolds(builtInProjections).update(linearized),
    },
    {
      ...{ name: 'fold, journal', unit: 'records/s', count: records.length },
      run: () => records.reduce(evolveJournal, initialJournalState),
    },
    ...[1_000, 10_000, 100_000].map((count) => linearizing(count * scale)),
  ];
  const bench = new Bench({ time: quick ? 1 : 1000, warmupTime: quick ? 0 : 200, iterations: quick ? 1 : 5 });
  for (const { name, run } of works) bench.add(name, () => void run());
  await bench.run();
  return works.map((done) => figureOf(done, bench));
};

interface Work {
  readonly name: string;
  readonly unit: string;
  readonly count: number;
  readonly run: () => unknown;
}

function figureOf({ name, unit, count }: Work, bench: Bench): Figure {
  const result = bench.getTask(name)?.result;
  if (result === undefined || !('latency' in result)) throw new Error(`${name} did not run`);
  return { name, unit, ours: (count * 1000) / result.latency.p50, facts: { size: count } };
}

/** The founding, the joining of everybody, and then talk among them. */
function seededHistory(count: number): Interaction[] {
  const joined = Array.from({ length: DEVICES }, (_, n) =>
    interaction({ id: n + 1, by: n + 1, event: { kind: 'member-joined', uri: account(n + 1) } }),
  );
  const talk = Array.from({ length: count }, (_, place) =>
    interaction({ id: DEVICES + 1 + place, by: 1 + (place % DEVICES), event: eventAmongOthersAt(DEVICES + 1 + place) }),
  );
  return [interaction({ id: 0, event: { kind: 'conversation-created', mode: 'invites-only' } }), ...joined, ...talk];
}

/** Every commit came in; every other file is here, every tenth was asked for in vain. */
function seededRecords(history: readonly Interaction[]): JournalRecord[] {
  const admitted = history.map(
    ({ id }): JournalRecord => ({ kind: 'commit-admitted', conversation, commit: id, from: device(1), at: NOW }),
  );
  const seen = [...announcedFiles(project(files, history))].flatMap(
    ({ interaction: id, fileId }, place): JournalRecord[] => {
      const file = { conversation, interaction: id, fileId };
      const stamp = { size: 1000, mtimeMs: NOW, inode: place };
      if (place % 2 === 0) return [{ kind: 'file-verified', ...file, ...stamp, at: NOW }];
      return place % 10 === 1 ? [{ kind: 'file-requested', ...file, from: device(2), at: NOW - 3_600_000 }] : [];
    },
  );
  return [...admitted, ...seen];
}

/** A chain that forks and is merged now and then, given newest first. */
function linearizing(count: number): Work {
  const nodes: CommitNode[] = [];
  for (let place = 0; place < count; place++) {
    const before = place % 10 === 9 ? [place - 1, place - 2] : [Math.max(0, place - (place % 10 === 8 ? 2 : 1))];
    const parents = place === 0 ? [] : before.map(commitId);
    nodes.push({ id: commitId(place), parents, committedAt: Math.floor(place / 3) });
  }
  nodes.reverse();
  const name = `linearize ${count.toLocaleString('en')}`;
  return { name, unit: 'commits/s', count, run: () => linearize(nodes) };
}
