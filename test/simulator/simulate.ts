/** Runs a schedule: devices that write, links that break, devices that crash; in the end everything works again. */
import { createHash } from 'node:crypto';
import type { Intent } from '../../src/conversation/decisions/decide.ts';
import type { LiveConversation } from '../../src/engine/live-conversation.ts';
import { type CommitId, Digest } from '../../src/ids.ts';
import { TEST_NOW } from '../support/accounts.ts';
import { certificatesOf, simulatedDevices } from './accounts.ts';
import { type Agenda, createAgenda } from './agenda.ts';
import { createSimulatedDisk, type SimulatedDisk } from './disk.ts';
import { createNetwork, type Network } from './network.ts';
import { createSeededRandom } from './random.ts';
import { type Replica, startReplica } from './replica.ts';
import { BUSY_MS, type Deed, type Fault, type Schedule } from './schedule.ts';

export interface Simulation {
  readonly replicas: readonly Replica[];
  /** Commits that a disk held for good, whatever happened to the device afterwards. */
  readonly flushed: ReadonlySet<CommitId>;
  /** What old commits did that they must not: each a sentence. */
  readonly violations: readonly string[];
  /** The same for the same schedule, to the bit. */
  readonly trace: string;
  readonly figures: Figures;
}

export interface Figures {
  /** Different heads when everything worked again. */
  readonly headsThen: number;
  readonly merges: number;
  /** Those of the merges that came after everything worked again. */
  readonly mergesAfter: number;
  /** Commits that are no merges. */
  readonly commits: number;
  /** Packs that were fetched, whatever became of them. */
  readonly pulls: number;
  /** From when everything worked again until nothing moved any more, in milliseconds. */
  readonly settling: number;
  readonly steps: number;
}

/** A simulation that is not over after this is one that never will be. */
const MOST_STEPS = 100_000;
const PATIENCE_MS = 3_600_000;

const devices = await simulatedDevices();
const certificates = certificatesOf(devices);

export async function simulate(schedule: Schedule): Promise<Simulation> {
  const stage = await setStage(schedule);
  const { agenda } = stage;
  for (const deed of schedule.deeds) agenda.after(deed.at, () => void perform(deed, stage));
  for (const fault of schedule.faults) agenda.after(fault.at, () => occur(fault, stage));
  const isBusyOver = await agenda.runUntil(agenda.clock.now() + BUSY_MS, MOST_STEPS);
  const mergesBefore = stage.merges.length;
  const headsThen = headsOf(stage);
  heal(stage);
  const healedAt = agenda.clock.now();
  const isOver = isBusyOver && (await agenda.runUntil(healedAt + PATIENCE_MS, MOST_STEPS));
  const settling = stage.lastGrowth() - healedAt;
  if (!isOver) stage.violations.push(`it is not over after ${agenda.steps()} steps`);
  const replicas = stage.places.flatMap(({ replica }) => replica ?? []);
  const commits =
    replicas[0]
      ?.live()
      ?.history()
      .filter(({ content }) => content.outcome !== 'merge').length ?? 0;
  return {
    replicas,
    flushed: stage.flushed,
    violations: stage.violations,
    trace: stage.record.digest('hex'),
    figures: {
      ...{ headsThen, commits, merges: stage.merges.length, mergesAfter: stage.merges.length - mergesBefore },
      ...{ pulls: stage.pulls(), settling: Math.max(0, settling), steps: agenda.steps() },
    },
  };
}

/** A device's place on the stage: its disk stays, what runs on it comes and goes. */
interface Place {
  readonly number: number;
  readonly disk: SimulatedDisk;
  replica: Replica | undefined;
  /** The order of its commits as it last was. */
  order: readonly CommitId[];
}

interface Stage {
  readonly agenda: Agenda;
  readonly network: Network;
  readonly places: readonly Place[];
  readonly flushed: Set<CommitId>;
  readonly violations: string[];
  readonly merges: CommitId[];
  readonly record: ReturnType<typeof createHash>;
  start(place: Place): Promise<void>;
  pulls(): number;
  lastGrowth(): number;
}

async function setStage({ seed, devices: count, latency, slowness }: Schedule): Promise<Stage> {
  const agenda = createAgenda(TEST_NOW);
  const random = createSeededRandom(seed);
  const record = createHash('sha256');
  const note = (what: string) => void record.update(`${agenda.clock.now()} ${what}\n`);
  const known = await certificates;
  const network = createNetwork({
    ...{ agenda, random, latency },
    onArrival: (from, to, bytes) => note(`${from} ${to} ${bytes}`),
  });
  const flushed = new Set<CommitId>();
  const violations: string[] = [];
  const merges: CommitId[] = [];
  let [pulls, lastGrowth] = [0, TEST_NOW];

  const onHead = (head: CommitId) => {
    note(`head ${head}`);
    flushed.add(head);
  };
  const places = devices.slice(0, count).map(
    (_, number): Place => ({
      ...{ number, replica: undefined, order: [] },
      disk: createSimulatedDisk({ agenda, random, slowness, onHead }),
    }),
  );

  function onGrown(place: Place, live: LiveConversation): void {
    lastGrowth = agenda.clock.now();
    const order = live.history().map(({ id }) => id);
    const isHere = new Set(order);
    const wasHere = new Set(place.order);
    // A crash may take commits along that were not flushed; those that are still here keep their order.
    const before = place.order.filter((id) => isHere.has(id));
    const now = order.filter((id) => wasHere.has(id));
    if (now.some((id, index) => id !== before[index])) violations.push(`old commits swapped places on ${place.number}`);
    place.order = order;
  }

  async function start(place: Place): Promise<void> {
    const keys = devices[place.number];
    if (!keys) throw new TypeError('there are not so many devices');
    place.replica = await startReplica({
      ...{ keys, clock: agenda.clock, random, disk: place.disk, network, certificates: known },
      onGrown: (live) => onGrown(place, live),
      onMerged: (merge) => void merges.push(merge),
      onPulled() {
        pulls += 1;
      },
    });
  }

  const stage: Stage = {
    ...{ agenda, network, places, flushed, violations, merges, record, start },
    ...{ pulls: () => pulls, lastGrowth: () => lastGrowth },
  };
  for (const place of places) await start(place);
  let isOpen = false;
  agenda.after(0, () => void open(stage).then(() => (isOpen = true)));
  while (!isOpen) await agenda.runUntil(agenda.clock.now() + 1, MOST_STEPS);
  return stage;
}

/** The first device founds the conversation and invites everybody; the others come when they hear of it. */
async function open({ places: [first] }: Stage): Promise<void> {
  const founder = first?.replica;
  if (!founder) return;
  await founder.found();
  const others = new Set(devices.map(({ account }) => account).filter((account) => account !== founder.keys.account));
  for (const uri of others) await founder.carryOut({ kind: 'invite-member', uri });
}

async function perform(deed: Deed, { places }: Stage): Promise<void> {
  const replica = places[deed.device % places.length]?.replica;
  const times = deed.kind === 'say' ? deed.times : 1;
  for (let time = 0; time < times; time += 1) {
    const intent = replica && intentOf(deed, replica);
    if (intent) await replica.carryOut(intent);
  }
}

const ANY_DIGEST = Digest.parse('ab'.repeat(64));

function intentOf(deed: Deed, { keys, live }: Replica): Intent | undefined {
  switch (deed.kind) {
    case 'say':
      return { kind: 'send-text', body: `said at ${deed.at}` };
    case 'rename':
      return { kind: 'update-profile', profile: { title: `named at ${deed.at}` } };
    case 'take-back': {
      const own = live()
        ?.history()
        .findLast(({ author, content }) => {
          return author === keys.account && content.outcome === 'known' && content.event.kind === 'message-sent';
        });
      return own && { kind: 'delete-message', message: own.id };
    }
    case 'announce-file':
      return {
        ...{ kind: 'announce-file', displayName: `${deed.at}.txt`, totalSize: deed.at },
        ...{ sha3sum: ANY_DIGEST, tid: `${deed.at + 1}` },
      };
  }
}

function occur(fault: Fault, stage: Stage): void {
  const { places } = stage;
  const place = 'device' in fault ? places[fault.device % places.length] : undefined;
  if (fault.kind === 'crash') crash(place, { ms: fault.ms, stage });
  else if (fault.kind === 'partition')
    cut(
      pairs(places).filter(([a, b]) => sideOf(fault, a) !== sideOf(fault, b)),
      { ms: fault.ms, stage },
    );
  else {
    const other = places[fault.other % places.length];
    if (place && other && place !== other) cut([[place, other]], { ms: fault.ms, stage });
  }
}

function crash(place: Place | undefined, { ms, stage }: Spell): void {
  if (!place?.replica) return;
  place.replica.crash();
  place.replica = undefined;
  stage.agenda.after(ms, () => void restart(place, stage));
}

/** How long a fault lasts, and where. */
interface Spell {
  readonly ms: number;
  readonly stage: Stage;
}

async function restart(place: Place, stage: Stage): Promise<void> {
  if (!place.replica) await stage.start(place);
}

type Pair = readonly [Place, Place];

function pairs(places: readonly Place[]): Pair[] {
  return places.flatMap((a) => places.filter((b) => b.number > a.number).map((b): Pair => [a, b]));
}

function sideOf({ sides }: { readonly sides: number }, { number }: Place): number {
  return (sides >> number) & 1;
}

function cut(what: readonly Pair[], { ms, stage }: Spell): void {
  setReachable(what, stage, false);
  stage.agenda.after(ms, () => setReachable(what, stage, true));
}

function setReachable(what: readonly Pair[], { network }: Stage, isReachable: boolean): void {
  for (const [a, b] of what) {
    const [one, two] = [devices[a.number], devices[b.number]];
    if (one && two) network.setReachable(one.device, two.device, isReachable);
  }
}

function heal(stage: Stage): void {
  setReachable(pairs(stage.places), stage, true);
  for (const place of stage.places) void restart(place, stage);
}

function headsOf({ places }: Stage): number {
  return new Set(places.map(({ replica }) => replica?.live()?.head())).size;
}
