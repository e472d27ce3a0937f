/** Runs a schedule: devices that write, links that break, devices that crash; in the end everything works again. */
import { createHash } from 'node:crypto';
import type { Intent } from '../../src/conversation/decisions/decide.ts';
import type { LiveConversation } from '../../src/engine/conversations/live-conversation.ts';
import { type CommitId, Digest } from '../../src/ids.ts';
import { allOf } from '../support/events/linearized.ts';
import { TEST_NOW } from '../support/identity/accounts.ts';
import { certificatesOf, simulatedDevices } from './accounts.ts';
import { type Agenda, createAgenda } from './agenda.ts';
import { createSimulatedDisk, type SimulatedDisk } from './disk.ts';
import { idleMerges } from './idle-merges.ts';
import { createNetwork, type Network } from './network.ts';
import { profileMerges } from './profile-merges.ts';
import { createSeededRandom } from './random.ts';
import { type Replica, startReplica } from './replica.ts';
import { BUSY_MS, type Deed, type Fault, FOUNDERS_DEVICES, type Schedule, type Vote } from './schedule.ts';

export interface Simulation {
  /** Those of devices that take part in the end, as the first one has it; the others have lost touch. */
  readonly replicas: readonly Replica[];
  /** Commits that one of their disks held for good, whatever happened to the device afterwards. */
  readonly flushed: ReadonlySet<CommitId>;
  /** Somebody's ban was lifted, or it was tried. */
  readonly hasUnbans: boolean;
  /** What commits did that they must not: each a sentence. */
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
  /** Those of the merges in the log that brought nothing new to the device that made them (`idleMerges`). */
  readonly idle: number;
  /** Those of the merges in the log whose two sides had both changed the profile. */
  readonly profileConflicts: number;
  /** Commits that are no merges. */
  readonly commits: number;
  readonly devices: number;
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
  const staying = stage.places.filter((place) => takesPart(place, stage));
  const replicas = staying.flatMap(({ replica }) => replica ?? []);
  const first = replicas[0]?.live();
  const history = allOf(first?.history());
  const profiles = first ? await profileMerges(first) : { broken: [], conflicts: 0 };
  const commits = history.filter(({ content }) => content.outcome !== 'merge').length;
  return {
    replicas,
    flushed: new Set(staying.flatMap(({ flushed }) => [...flushed])),
    hasUnbans: schedule.deeds.some(({ kind }) => kind === 'unban'),
    violations: [...stage.violations, ...profiles.broken],
    trace: stage.record.digest('hex'),
    figures: {
      ...{
        devices: schedule.devices,
        headsThen,
        commits,
        profileConflicts: profiles.conflicts,
        idle: idleMerges(history),
        merges: stage.merges.length,
        mergesAfter: stage.merges.length - mergesBefore,
      },
      ...{ pulls: stage.pulls(), settling: Math.max(0, settling), steps: agenda.steps() },
    },
  };
}

/** A device's place on the stage: its disk stays, what runs on it comes and goes. */
interface Place {
  readonly number: number;
  readonly disk: SimulatedDisk;
  readonly flushed: Set<CommitId>;
  replica: Replica | undefined;
  /** The order of its commits as it last was. */
  order: readonly CommitId[];
}

interface Stage {
  readonly agenda: Agenda;
  readonly network: Network;
  readonly places: readonly Place[];
  readonly violations: string[];
  /** Links that there can be. */
  readonly isHub: boolean;
  readonly merges: CommitId[];
  readonly record: ReturnType<typeof createHash>;
  start(place: Place): Promise<void>;
  pulls(): number;
  lastGrowth(): number;
}

async function setStage({ seed, devices: count, isHub = false, latency, slowness }: Schedule): Promise<Stage> {
  const agenda = createAgenda(TEST_NOW);
  const random = createSeededRandom(seed);
  const record = createHash('sha256');
  const note = (what: string) => void record.update(`${agenda.clock.now()} ${what}\n`);
  const known = await certificates;
  const network = createNetwork({
    ...{ agenda, random, latency },
    onArrival: (from, to, bytes) => note(`${from} ${to} ${bytes}`),
  });
  const violations: string[] = [];
  const merges: CommitId[] = [];
  let [pulls, lastGrowth] = [0, TEST_NOW];

  const places = devices.slice(0, count).map((_, number): Place => {
    const flushed = new Set<CommitId>();
    const onHead = (head: CommitId) => {
      note(`head ${head}`);
      flushed.add(head);
    };
    const disk = createSimulatedDisk({ agenda, random, slowness, onHead });
    return { number, disk, flushed, replica: undefined, order: [] };
  });

  function onGrown(place: Place, live: LiveConversation): void {
    lastGrowth = agenda.clock.now();
    const order = allOf(live.history()).map(({ id }) => id);
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
    ...{ agenda, network, places, isHub, violations, merges, record, start },
    ...{ pulls: () => pulls, lastGrowth: () => lastGrowth },
  };
  setReachable(
    pairs(places).filter((pair) => !areLinkable(pair, stage)),
    stage,
    false,
  );
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

async function perform(deed: Deed, stage: Stage): Promise<void> {
  const { places } = stage;
  if (deed.kind === 'rename-at-once') {
    for (const device of FOUNDERS_DEVICES) void perform({ ...deed, kind: 'rename', device }, stage);
    return;
  }
  const replica = places[deed.device % places.length]?.replica;
  if (!replica) return;
  if ('target' in deed) return decide(deed, replica, places);
  const times = deed.kind === 'say' ? deed.times : 1;
  for (let time = 0; time < times; time += 1) {
    const intent = intentOf(deed, replica);
    if (intent) await replica.carryOut(intent);
  }
}

/** A vote that was cast and then lost its resolution to a crash is resolved the next time. */
async function decide({ kind: action, ...vote }: Vote, replica: Replica, places: readonly Place[]): Promise<void> {
  const other = devices[vote.target % places.length];
  if (!other || other.account === replica.keys.account) return;
  const ballot = { action, target: vote.isOfDevice ? other.device : other.account };
  await replica.carryOut({ kind: 'cast-vote', ...ballot });
  await replica.carryOut({ kind: 'resolve-vote', ...ballot });
}

/** The first device's account is the founder's, who stays. */
function takesPart({ number }: Place, { places: [first] }: Stage): boolean {
  const membership = first?.replica?.live()?.log.membership();
  const keys = devices[number];
  if (!membership || !keys) return true;
  const role = membership.members.get(keys.account)?.role;
  return role !== 'banned' && role !== 'left' && role !== undefined && !membership.bannedDevices.has(keys.device);
}

/** What a device does by itself. */
type OwnDeed = Exclude<Deed, Vote | { readonly kind: 'rename-at-once' }>;

const ANY_DIGEST = Digest.parse('ab'.repeat(64));

function intentOf(deed: OwnDeed, { keys, live }: Replica): Intent | undefined {
  switch (deed.kind) {
    case 'leave':
      return keys.account === devices[0]?.account ? undefined : { kind: 'leave-conversation' };
    case 'say':
      return { kind: 'send-text', body: `said at ${deed.at}` };
    case 'rename':
      return { kind: 'update-profile', profile: { title: `named at ${deed.at} by ${keys.device}` } };
    case 'take-back': {
      const own = allOf(live()?.history()).findLast(({ author, content }) => {
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

/** Where there is a hub, everybody is linked with it and nobody with each other. */
function areLinkable([a, b]: Pair, { isHub }: Stage): boolean {
  return !isHub || a.number === 0 || b.number === 0;
}

function setReachable(what: readonly Pair[], stage: Stage, isReachable: boolean): void {
  const { network } = stage;
  for (const pair of what) {
    if (isReachable && !areLinkable(pair, stage)) continue;
    const [a, b] = pair;
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
