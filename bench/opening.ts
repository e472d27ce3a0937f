/**
 * A long conversation in memory: read from its checkpoint and folded, one message that arrives in it, and two forks that
 * come together. No signatures, no git: what it costs beyond verification. Made-up interactions.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { LogCheckpoint } from '../src/conversation/checkpoint/log-checkpoint.ts';
import { openLogCheckpoint } from '../src/conversation/checkpoint/log-checkpoint-adapter.ts';
import { readCheckpoint } from '../src/conversation/checkpoint/read-checkpoint.ts';
import { createHeldHistory } from '../src/conversation/log/held-history.ts';
import type { UnlinkedInteraction } from '../src/conversation/log/interaction-of.ts';
import type { Rows } from '../src/conversation/log/interaction-store.ts';
import { decode } from '../src/events/decode.ts';
import { encode } from '../src/events/encode.ts';
import { ConversationId } from '../src/ids.ts';
import { builtInProjections, liveProjections } from '../src/projections/built-in.ts';
import { createLiveFolds } from '../src/projections/live-folds.ts';
import { historyPage } from '../src/projections/timeline/timeline-page.ts';
import { account, commitId, device } from '../test/support/events/interactions.ts';
import type { Benchmark, Figure } from './figure.ts';
import { observed } from './observed.ts';
import { median } from './rounds.ts';
import { eventAmongOthersAt } from './seeded-events.ts';

const PEOPLE = 7;
const FORK = 2000;

export const benchOpening: Benchmark = async ({ quick, signal }) => {
  const count = quick ? 500 : 100_000;
  const folder = await mkdtemp(join(tmpdir(), 'swarmlog-bench-'));
  try {
    await mkdir(join(folder, '.git'));
    const checkpoint = openLogCheckpoint(folder, ConversationId.parse('c'.repeat(40)));
    await checkpoint.append(stretches(count));
    const { result: opened, ...took } = await observed(() => open(checkpoint, signal));
    const { held, folds, readMs, shownMs, entries } = opened;
    const facts = { interactions: count, entries, readMs: Math.round(readMs), ...took };
    const all = readMs + timed(() => createLiveFolds(builtInProjections).update(held.linearized()));
    const arrivals = Array.from({ length: 50 }, (_, place) =>
      timed(() => {
        held.take([said(count + place, count + place - 1)]);
        folds.update(held.linearized());
      }),
    );
    return [
      { name: 'opening, newest 50 shown', unit: 'ms', ours: shownMs, facts },
      { name: 'opening, read and folded', unit: 'interactions/s', ours: (count * 1000) / all, facts },
      {
        name: 'opening, one message arriving',
        unit: 'ms',
        ours: median(arrivals),
        facts: { worst: Math.max(...arrivals), ...facts },
      },
      converging(quick ? 20 : FORK),
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** As an engine does it: in turns. */
async function open(checkpoint: LogCheckpoint, signal: AbortSignal) {
  const started = performance.now();
  const held = await readCheckpoint(checkpoint, signal);
  const readMs = performance.now() - started;
  const folds = createLiveFolds(liveProjections);
  for (const _ of folds.updateInSteps(held.linearized())) await breathe();
  const { entries } = historyPage(held.linearized(), { limit: 50 });
  return { held, folds, readMs, shownMs: performance.now() - started, entries: entries.length };
}

/** One side has its own fork folded, and takes in the other one and a merge. */
function converging(length: number): Figure {
  const held = createHeldHistory();
  const folds = createLiveFolds(liveProjections);
  const ours = Array.from({ length }, (_, row) => said(1 + 2 * row, row === 0 ? 0 : 2 * row - 1));
  const theirs = Array.from({ length }, (_, row) => said(2 + 2 * row, 2 * row));
  held.take([said(0, -1), ...ours]);
  folds.update(held.linearized());
  const ms = timed(() => {
    held.take([
      ...theirs,
      { ...said(2 * length + 1, 2 * length), parents: [2 * length - 1, 2 * length].map(commitId) },
    ]);
    folds.update(held.linearized());
  });
  return { name: 'opening, two forks converge', unit: 'ms', ours: ms, facts: { commitsInEach: length } };
}

function* stretches(count: number): Generator<Rows> {
  const held = createHeldHistory();
  held.take(Array.from({ length: count }, (_, row) => said(row, row - 1)));
  for (let start = 0; start < count; start += 1000) yield held.rows(start, Math.min(count, start + 1000));
}

function timed(work: () => void): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

function said(row: number, parent: number): UnlinkedInteraction {
  const by = 1 + (row % PEOPLE);
  return {
    ...{ id: commitId(row), parents: parent < 0 ? [] : [commitId(parent)], author: account(by), device: device(by) },
    ...{ committedAt: row, content: decode(encode(eventAmongOthersAt(Math.max(row, 100)))) },
  };
}
