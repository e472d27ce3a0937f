/** Where a simulation is played: its devices, what links them, and what is written down of it. */
import { createHash } from 'node:crypto';
import type { LiveConversation } from '../../src/engine/conversations/live-conversation.ts';
import type { CommitId } from '../../src/ids.ts';
import { allOf } from '../support/events/linearized.ts';
import { TEST_NOW } from '../support/identity/accounts.ts';
import { certificatesOf, simulatedDevices } from './accounts.ts';
import { type Agenda, createAgenda } from './agenda.ts';
import { createSimulatedDisk, type SimulatedDisk } from './disk.ts';
import { createNetwork, type Network } from './network.ts';
import { createSeededRandom } from './random.ts';
import { type Replica, startReplica } from './replica.ts';
import type { Schedule } from './schedule.ts';

/** A simulation that is not over after so many steps is one that never will be. */
export const MOST_STEPS = 100_000;

/** The first one's account is the founder's, who stays. */
export const devices = await simulatedDevices();
const certificates = certificatesOf(devices);

/** A device's place on the stage: its disk stays, what runs on it comes and goes. */
export interface Place {
  readonly number: number;
  readonly disk: SimulatedDisk;
  readonly flushed: Set<CommitId>;
  replica: Replica | undefined;
  /** The order of its commits as it last was. */
  order: readonly CommitId[];
}

export interface Stage {
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

export async function setStage({ seed, devices: count, isHub = false, latency, slowness }: Schedule): Promise<Stage> {
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

export type Pair = readonly [Place, Place];

export function pairs(places: readonly Place[]): Pair[] {
  return places.flatMap((a) => places.filter((b) => b.number > a.number).map((b): Pair => [a, b]));
}

/** Where there is a hub, everybody is linked with it and nobody with each other. */
function areLinkable([a, b]: Pair, { isHub }: Stage): boolean {
  return !isHub || a.number === 0 || b.number === 0;
}

export function setReachable(what: readonly Pair[], stage: Stage, isReachable: boolean): void {
  const { network } = stage;
  for (const pair of what) {
    if (isReachable && !areLinkable(pair, stage)) continue;
    const [a, b] = pair;
    const [one, two] = [devices[a.number], devices[b.number]];
    if (one && two) network.setReachable(one.device, two.device, isReachable);
  }
}

/** Whether a device has not lost touch for good: the first one has the say. */
export function takesPart({ number }: Place, { places: [first] }: Stage): boolean {
  const membership = first?.replica?.live()?.log.membership();
  const keys = devices[number];
  if (!membership || !keys) return true;
  const role = membership.members.get(keys.account)?.role;
  return role !== 'banned' && role !== 'left' && role !== undefined && !membership.bannedDevices.has(keys.device);
}

/** Different ones. */
export function headsOn({ places }: Stage): number {
  return new Set(places.map(({ replica }) => replica?.live()?.head())).size;
}
