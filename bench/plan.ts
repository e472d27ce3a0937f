/** How long a running plan of many files and devices takes for one thing that happens. Nothing to compare with. */
import type { Interaction } from '../src/events/interaction.ts';
import type { JournalRecord } from '../src/events/journal-record.ts';
import { holdingKey, packHoldings } from '../src/events/peer/holdings.ts';
import { ConversationId, type DeviceId, Digest } from '../src/ids.ts';
import { type FilesState, files } from '../src/projections/files.ts';
import { evolveJournal, initialJournalState } from '../src/projections/journal/journal-state.ts';
import { members } from '../src/projections/members.ts';
import { LivePlan } from '../src/projections/plan/live-plan.ts';
import type { Linked } from '../src/projections/plan/sources.ts';
import { project } from '../src/projections/projection.ts';
import { account, commitId, device, interaction } from '../test/support/events/interactions.ts';
import type { Benchmark, Figure } from './figure.ts';

const conversation = ConversationId.parse('c'.repeat(40));
const NOW = 1_795_000_000_000;
const DEVICES = 50;
const FIRST_FILE = 1_000;

export const benchPlan: Benchmark = async ({ quick }) => {
  const count = quick ? 1_000 : 100_000;
  const rounds = quick ? 3 : 50;
  const running = runningPlan(count);
  return Object.entries(running.happenings).map(([name, happen]): Figure => {
    const times = Array.from({ length: rounds }, (_, round) => {
      const start = performance.now();
      happen(round);
      return performance.now() - start;
    }).sort((a, b) => a - b);
    const median = times[rounds >> 1] ?? 0;
    const facts = {
      files: count,
      devices: DEVICES,
      'median ms': round3(median),
      'worst ms': round3(times.at(-1) ?? 0),
    };
    return { name: `plan, ${name}`, unit: 'a second', ours: 1000 / median, facts };
  });
};

const round3 = (ms: number) => Math.round(ms * 1000) / 1000;

/** A plan in full swing: all files are missing, all other devices are linked, every slot is taken. */
function runningPlan(count: number) {
  const people = [
    interaction({ id: 0, event: { kind: 'conversation-created', mode: 'invites-only' } }),
    ...Array.from({ length: DEVICES - 1 }, (_, n) =>
      interaction({ id: n + 2, by: n + 2, event: { kind: 'member-joined', uri: account(n + 2) } }),
    ),
  ];
  const taking = project(members, people);
  let announced: FilesState = project(
    files,
    Array.from({ length: count }, (_, place) => announcement(place)),
  );
  let next = count;
  let journal = initialJournalState;
  const linked = new Map<DeviceId, Linked>();
  const link = (n: number, since: number) =>
    linked.set(device(n), { peer: { account: account(n), device: device(n) }, since });
  for (let n = 2; n <= DEVICES; n += 1) link(n, NOW);
  const live = new LivePlan({
    ...{ self: { account: account(1), device: device(1) }, policy: { auto: 'all' } },
    journal: () => journal,
    linked: () => [...linked.values()],
  });
  const record = (fact: JournalRecord) => {
    journal = evolveJournal(journal, fact);
    live.note(fact);
    while (live.step(NOW).isUnfinished);
  };
  const follow = (changed?: readonly Interaction['id'][]) =>
    live.follow({ conversation, files: announced, members: taking }, changed);
  const told = (n: number, places: readonly number[], isAll: boolean): JournalRecord => ({
    ...{ kind: 'holdings-told', conversation, from: device(n), isAll, lacks: '', at: NOW },
    has: packHoldings(places.map((place) => holdingKey(commitId(FIRST_FILE + place)))),
  });
  for (let n = 2; n <= DEVICES; n += 1) {
    const places = Array.from({ length: count / 2 }, (_, place) => (place * 2 + n) % count);
    journal = evolveJournal(journal, told(n, places, true));
  }
  follow();
  while (live.step(NOW).isUnfinished);
  return {
    happenings: {
      'one more announcement'() {
        const one = announcement(next++);
        announced = files.evolve(announced, one);
        follow([one.id]);
        live.step(NOW);
      },
      'one link up'(round: number) {
        link(2 + (round % (DEVICES - 1)), NOW + round + 1);
        live.step(NOW);
      },
      'holdings of 3,000 files'(round: number) {
        const places = Array.from({ length: Math.min(3_000, count) }, (_, place) => (place * 7 + round) % count);
        record(told(2 + (round % (DEVICES - 1)), places, false));
      },
      'one record'(round: number) {
        const { interaction: name, fileId } = announced.announced.get(commitId(FIRST_FILE + round)) ?? fail();
        const stamp = { size: 4096, mtimeMs: NOW, inode: round };
        record({ kind: 'file-verified', conversation, interaction: name, fileId, ...stamp, at: NOW });
      },
    },
  };
}

function fail(): never {
  throw new Error('the file is announced');
}

function announcement(place: number): Interaction {
  return interaction({
    ...{ id: FIRST_FILE + place, by: 2 + (place % (DEVICES - 1)) },
    event: {
      ...{
        kind: 'file-announced',
        displayName: `${place}.bin`,
        tid: String(place),
        totalSize: 4096 + (place % 2) * 1e6,
      },
      sha3sum: Digest.parse('b'.repeat(128)),
    },
  });
}
