/** A plan that is kept in step with what happens, beside one that is made anew each time. */
import type { Interaction } from '../../../src/events/interaction.ts';
import type { JournalRecord } from '../../../src/events/journal-record.ts';
import { holdingKey, packHoldings } from '../../../src/events/peer/holdings.ts';
import { ChunkRoot, type CommitId, conversationFoundedBy, type DeviceId, Digest } from '../../../src/ids.ts';
import { CHUNK_BYTES } from '../../../src/limits.ts';
import type { LinkKind } from '../../../src/ports.ts';
import { announcedFiles, files } from '../../../src/projections/files.ts';
import {
  evolveJournal,
  initialJournalState,
  type JournalState,
} from '../../../src/projections/journal/journal-state.ts';
import { members } from '../../../src/projections/members.ts';
import { activityOf } from '../../../src/projections/plan/asks-for.ts';
import { LivePlan } from '../../../src/projections/plan/live-plan.ts';
import { type PlannedConversation, type PlannedRequest, plan } from '../../../src/projections/plan/plan.ts';
import type { Linked } from '../../../src/projections/plan/sources.ts';
import { holdOn } from '../../../src/projections/plan/wanting.ts';
import type { Policy } from '../../../src/projections/policy/policy.ts';
import { project } from '../../../src/projections/projection.ts';
import { account, commitId, device, interaction } from '../events/interactions.ts';

const SELF = { account: account(9), device: device(9) };
const START = 1_795_000_000_000;
const SLOTS = { small: 3, quick: 2, big: 2 };
/** Of this device's account, without a commit of its own. */
export const OWN_OTHER = 5;
export const PEOPLE = [1, 2, 3, 4, 9];

/** Two conversations, a plan that is kept in step with them, and one that is made anew each time. */
export class TwoPlans {
  now = START;
  /** Bytes that the disk has left. */
  free: number | undefined;
  journal: JournalState = initialJournalState;
  readonly #histories = [0, 1].map((n): Interaction[] => [
    interaction({ id: n * 10_000, event: { kind: 'conversation-created', mode: 'invites-only' } }),
    ...PEOPLE.map((by) => interaction({ id: n * 10_000 + by, by, event: { kind: 'member-joined', uri: account(by) } })),
  ]);
  readonly #linked = new Map<DeviceId, Linked>();
  readonly #asking = new Map<CommitId, Set<DeviceId>>();
  readonly #policy: Policy;
  readonly #live: LivePlan;

  constructor(policy: Policy = { auto: 'pictures' }) {
    this.#policy = policy;
    this.#live = new LivePlan({
      ...{ self: SELF, policy, slots: SLOTS },
      journal: () => this.journal,
      linked: () => [...this.#linked.values()],
      free: () => this.free,
    });
    for (const planned of this.conversations()) this.#live.follow(planned);
  }

  conversations(): PlannedConversation[] {
    return this.#histories.map((history, n) => ({
      conversation: conversationFoundedBy(commitId(n * 10_000)),
      files: project(files, history),
      members: project(members, history),
    }));
  }

  announce(n: number, { size, by, isPicture, count }: { size: number; by: number; isPicture: boolean; count: number }) {
    const history = this.#histories[n] ?? [];
    const made = Array.from({ length: count }, (_, place) =>
      interaction({
        ...{ id: n * 10_000 + history.length + place + 100, by },
        event: {
          ...{ kind: 'file-announced', displayName: isPicture ? 'a.png' : 'a.pdf', totalSize: size, tid: '7' },
          sha3sum: Digest.parse('b'.repeat(128)),
          ...(size > CHUNK_BYTES && { chunks: { size: CHUNK_BYTES, root: ChunkRoot.parse('a'.repeat(64)) } }),
        },
      }),
    );
    history.push(...made);
    this.#follow(
      n,
      made.map(({ id }) => id),
    );
  }

  takeBack(pick: number) {
    const file = this.#pick(pick);
    if (!file) return;
    const history = this.#histories[file.n] ?? [];
    const by = Number.parseInt(file.author.slice(-1), 16);
    const id = file.n * 10_000 + history.length + 100;
    history.push(interaction({ id, by, event: { kind: 'file-deleted', edit: file.interaction } }));
    this.#follow(file.n, [file.interaction]);
  }

  ban(n: number, by: number) {
    const history = this.#histories[n] ?? [];
    const id = n * 10_000 + history.length + 100;
    history.push(interaction({ id, event: { kind: 'member-banned', uri: account(by) } }));
    this.#follow(n, []);
  }

  link(by: number, kind: LinkKind = 'lan') {
    this.#linked.set(device(by), { peer: { account: ownerOf(by), device: device(by) }, since: this.now, kind });
  }

  /** Its link stays for a while. */
  revoke(by: number) {
    this.#record({ kind: 'device-revoked', account: ownerOf(by), device: device(by), at: this.now });
  }

  see(by: number) {
    this.#record({ kind: 'device-seen', account: ownerOf(by), device: device(by), at: this.now });
  }

  unlink(by: number) {
    this.#linked.delete(device(by));
  }

  tell(n: number, { by, has, lacks, isAll }: { by: number; has: number[]; lacks: number[]; isAll: boolean }) {
    const { conversation } = this.conversations()[n] ?? {};
    const names = (picks: number[]) =>
      packHoldings(
        picks.flatMap((pick) => {
          const file = this.#pick(pick);
          return file ? [holdingKey(file.interaction)] : [];
        }),
      );
    if (!conversation) return;
    const words = { has: names(has), lacks: names(lacks) };
    this.#record({ kind: 'holdings-told', conversation, from: device(by), isAll, ...words, at: this.now });
  }

  happen(pick: number, by: number, what: What) {
    const file = this.#pick(pick);
    if (!file) return;
    const { interaction: name, fileId, n } = file;
    const conversation = conversationFoundedBy(commitId(n * 10_000));
    for (const record of recordsOf(what, device(by), this.now)) {
      this.#record({ ...record, conversation, interaction: name, fileId } as JournalRecord);
    }
  }

  /** The request that was made so long ago ends, with or without a word in the journal. */
  end(pick: number, what: What | undefined) {
    const open = [...this.#asking].flatMap(([name, devices]) => [...devices].map((to) => ({ name, to })));
    const ended = open[pick % Math.max(1, open.length)];
    if (!ended) return;
    const place = this.#all().findIndex((file) => file.interaction === ended.name);
    if (what) this.happen(place, Number.parseInt(ended.to.slice(-1), 16), what);
    this.#asking.get(ended.name)?.delete(ended.to);
    this.#live.over(ended.name, ended.to);
  }

  /**
   * Whom either plan asks, each in an order of no meaning; and those of them for files that were shown as held back. A file
   * that is being received has its room, and is asked of more devices whatever else the room would allow.
   */
  step(): { live: string[]; anew: string[]; heldBack: string[]; wakeAt: number | undefined } {
    const anew = this.#planAt(this.now);
    this.#live.look(this.now);
    const world = this.#live.world(this.now);
    const heldBack = anew.filter(({ request: { conversation }, file }) => {
      const known = { conversation, file, record: this.journal.files.get(file.interaction) };
      return !activityOf(known, world).isBusy && holdOn(known, world).hold !== undefined;
    });
    const { requests, wakeAt } = this.#live.step(this.now);
    for (const { request, to } of requests) {
      const devices = this.#asking.get(request.interaction) ?? new Set();
      this.#asking.set(request.interaction, devices.add(to));
    }
    return { live: namesOf(requests), anew: namesOf(anew), heldBack: namesOf(heldBack), wakeAt };
  }

  /** Whom the plan that is made anew would ask at another time, if nothing happens before. */
  askedAt(now: number): string[] {
    return namesOf(this.#planAt(now));
  }

  #planAt(now: number): readonly PlannedRequest[] {
    const linked = [...this.#linked.values()];
    const given = { conversations: this.conversations(), journal: this.journal, self: SELF, linked };
    const { free } = this;
    return plan({ ...given, policy: this.#policy, free, now, asking: this.#asking, slots: SLOTS }).requests;
  }

  #record(record: JournalRecord) {
    this.journal = evolveJournal(this.journal, record);
    this.#live.note(record);
  }

  #follow(n: number, changed: readonly CommitId[]) {
    const planned = this.conversations()[n];
    if (planned) this.#live.follow(planned, changed);
  }

  #all() {
    return this.conversations().flatMap((planned, n) =>
      [...announcedFiles(planned.files)].map((file) => ({ ...file, n })),
    );
  }

  #pick(pick: number) {
    const all = this.#all();
    return all[pick % Math.max(1, all.length)];
  }
}

const ownerOf = (by: number) => (by === OWN_OTHER ? SELF.account : account(by));

const namesOf = (requests: readonly PlannedRequest[]) =>
  requests.map(({ request, to }) => `${request.interaction.slice(-6)} of ${to.slice(-1)}`).sort();

/** What may happen to a file. */
export const WHAT = [
  ...([
    'asked',
    'has-not',
    'busy',
    'unreachable',
    'too-many',
    'no-answer',
    'sending',
    'complete',
    'interrupted',
  ] as const),
  ...(['wrong', 'disk-full', 'verified', 'lost', 'accepted', 'served'] as const),
  ...(['cancelled', 'refused', 'paused', 'removed', 'evicted', 'offered'] as const),
];
type What = (typeof WHAT)[number];

function recordsOf(what: What, by: DeviceId, at: number): readonly object[] {
  const stamp = { size: 100_000, mtimeMs: 0, inode: 0 };
  const declined = (reason: string) => [{ kind: 'request-declined', from: by, reason, at }];
  const start = { kind: 'sub-transfer-started', peer: by, direction: 'receiving', start: 0, at };
  const end = { kind: 'sub-transfer-ended', peer: by, direction: 'receiving', bytes: 1, at };
  const records: Record<What, readonly object[]> = {
    asked: [{ kind: 'file-requested', from: by, at }],
    'has-not': declined('has-not'),
    busy: declined('unknown-interaction'),
    unreachable: declined('not-reachable'),
    'too-many': declined('too-many-requests'),
    'no-answer': declined('no-answer'),
    sending: [start],
    complete: [start, { ...end, outcome: 'complete' }, { kind: 'file-verified', ...stamp, at }],
    interrupted: [start, { ...end, outcome: 'interrupted' }],
    wrong: [start, { ...end, outcome: 'wrong-digest' }],
    'disk-full': [start, { ...end, outcome: 'disk-full' }],
    verified: [{ kind: 'file-verified', ...stamp, at }],
    lost: [{ kind: 'file-found-lacking', state: 'missing', ...stamp, at }],
    cancelled: [{ kind: 'file-cancelled', at }],
    refused: [{ kind: 'file-refused', at }],
    paused: [{ kind: 'file-paused', at }],
    removed: [{ kind: 'file-removed', why: 'deleted', at }],
    evicted: [{ kind: 'file-removed', why: 'evicted', at }],
    offered: [{ kind: 'file-offered', from: by, at }],
    accepted: [{ kind: 'file-accepted', at }],
    served: [
      { ...start, direction: 'serving' },
      { ...end, direction: 'serving', outcome: 'complete' },
    ],
  };
  return records[what];
}
