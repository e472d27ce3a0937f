/**
 * Whom to ask for what, now: the definition. It looks at every file anew, and is what `live-plan.ts`, which does not, is
 * held to. The same arguments give the same plan, on any machine.
 */
import type { FileRequest } from '../../events/peer/file-request.ts';
import type { CommitId, ConversationId, DeviceId } from '../../ids.ts';
import type { PeerIdentity } from '../../ports.ts';
import type { FileAnnouncement, FilesState } from '../files.ts';
import type { JournalState } from '../journal/journal-state.ts';
import type { MembersState } from '../members.ts';
import { missingFiles } from '../missing-files.ts';
import type { Policy } from '../policy/policy.ts';
import { isBelowReserve } from '../policy/room.ts';
import { activityOf, asksFor } from './asks-for.ts';
import { noClaims, withClaim } from './claims.ts';
import { nextMoment } from './next-step.ts';
import type { PlanWorld } from './plan-world.ts';
import { compareTurns, type KnownFile, LANES, type Lane, laneOf, SLOTS, type Slots, turnOf } from './serving-order.ts';
import { type Linked, possibleSources } from './sources.ts';
import { isWanted, shortageFor } from './wanting.ts';

export interface PlannedConversation {
  readonly conversation: ConversationId;
  readonly files: FilesState;
  readonly members: MembersState;
}

/** Devices that are being asked for a file, by its announcing interaction. */
export type Asking = ReadonlyMap<CommitId, ReadonlySet<DeviceId>>;

export interface PlanInput {
  readonly conversations: readonly PlannedConversation[];
  readonly journal: JournalState;
  readonly self: PeerIdentity;
  readonly linked: readonly Linked[];
  readonly policy: Policy;
  /** Bytes that the disk has left; undefined while nobody has looked. */
  readonly free?: number | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** What was asked for and is not over yet, whether or not the journal knows. */
  readonly asking?: Asking;
  /** Files that may be under way at once; `SLOTS` unless given. */
  readonly slots?: Slots;
}

export interface PlannedRequest {
  readonly to: DeviceId;
  readonly request: FileRequest;
  readonly file: FileAnnouncement;
}

export interface Plan {
  readonly requests: readonly PlannedRequest[];
  /** When to plan again, in milliseconds since the Unix epoch, if nothing happens before. Absent when nothing waits for a time. */
  readonly wakeAt?: number;
}

export function plan(input: PlanInput): Plan {
  const { journal, now } = input;
  const wanted = wantedFiles(input);
  const asking = new Map([...(input.asking ?? [])].map(([file, devices]) => [file, new Set(devices)]));
  const world = worldOf(input, wanted, asking);
  if (journal.fullDisk && now < journal.fullDisk.until) return { requests: [], wakeAt: journal.fullDisk.until };
  const busy = wanted.filter((known) => activityOf(known, world).isBusy);
  const serving: Serving = { world, asking, wanted: wanted.filter((known) => !busy.includes(known)), busy };
  const more = isBelowReserve(input.policy, world.room) ? [] : busy.flatMap((known) => ask(known, serving));
  const first = LANES.flatMap((lane) => serveLane(lane, serving, input.slots ?? SLOTS));
  const requests = [...more, ...first].map(({ known, to }) => requestOf(known, to, input.self.device));
  return { requests, ...wakeAtOf(wanted, world) };
}

interface Serving {
  readonly world: PlanWorld;
  readonly asking: Map<CommitId, Set<DeviceId>>;
  /** In the order they are served. */
  readonly wanted: readonly KnownFile[];
  readonly busy: readonly KnownFile[];
}

interface Asked {
  readonly known: KnownFile;
  readonly to: DeviceId;
}

/** Goes on while a slot is free. Each file that is asked for takes its room before the next one is looked at. */
function serveLane(lane: Lane, serving: Serving, slots: Slots): readonly Asked[] {
  const { world, wanted, busy } = serving;
  const isOfLane = ({ file }: KnownFile) => laneOf(file) === lane;
  let free = slots[lane] - busy.filter(isOfLane).length;
  const asked: Asked[] = [];
  for (const known of wanted.filter(isOfLane)) {
    if (free <= 0) break;
    if (shortageFor(known, world.policy, world.room)) continue;
    asked.push(...ask(known, serving));
    if (activityOf(known, world).isBusy) free -= 1;
  }
  return asked;
}

function ask(known: KnownFile, { world, asking }: Serving): readonly Asked[] {
  const devices = asksFor(known, world.sourcesOf(known.conversation), world);
  const { interaction } = known.file;
  if (devices.length > 0) asking.set(interaction, new Set([...world.askingOf(interaction), ...devices]));
  return devices.map((to) => ({ known, to }));
}

/** Missing files that the policy, or the user, wants, in the order they are served. */
function wantedFiles({ conversations, journal, policy }: PlanInput): readonly KnownFile[] {
  return conversations
    .flatMap(({ conversation, files }) =>
      missingFiles(files, journal).map(({ file }) => ({
        conversation,
        file,
        record: journal.files.get(file.interaction),
      })),
    )
    .filter((known) => isWanted(known, policy))
    .sort((a, b) => compareTurns(turnOf(a), turnOf(b)));
}

function worldOf(input: PlanInput, wanted: readonly KnownFile[], asking: Asking): PlanWorld {
  const { conversations, journal, self, linked, now, policy, free } = input;
  const surroundings = { self, linked, revoked: journal.revoked, seen: journal.seen };
  const sources = new Map(
    conversations.map(({ conversation, members }) => [conversation, possibleSources(members, surroundings)]),
  );
  const links = new Set(linked.map(({ peer }) => peer.device));
  const nobody: ReadonlySet<DeviceId> = new Set();
  const world: PlanWorld = {
    ...{ journal, now, policy },
    get room() {
      return { held: journal.held, claims: askedFiles(input, asking).reduce(withClaim, noClaims), free };
    },
    linkKinds: new Set(linked.flatMap(({ kind }) => kind ?? [])),
    sourcesOf: (conversation) => sources.get(conversation) ?? [],
    askingOf: (interaction) => asking.get(interaction) ?? nobody,
    isLinked: (device) => links.has(device),
    dialledUntil: (device) =>
      !links.has(device) && wanted.some((known) => activityOf(known, world).asked.includes(device)) ? now : undefined,
  };
  return world;
}

function askedFiles({ conversations, journal }: PlanInput, asking: Asking): readonly KnownFile[] {
  const asked = [...asking].filter(([, devices]) => devices.size > 0);
  return conversations.flatMap(({ conversation, files }) =>
    asked.flatMap(([interaction]) => {
      const file = files.announced.get(interaction);
      return file ? [{ conversation, file, record: journal.files.get(interaction) }] : [];
    }),
  );
}

function wakeAtOf(wanted: readonly KnownFile[], world: PlanWorld): Pick<Plan, 'wakeAt'> {
  const rests = [...world.journal.rests.values()].map(({ until }) => until).filter((until) => until > world.now);
  const wakeAt = Math.min(...rests, ...wanted.map((known) => nextMoment(known, world)));
  return Number.isFinite(wakeAt) ? { wakeAt } : {};
}

export function requestOf({ conversation, file }: KnownFile, to: DeviceId, self: DeviceId): PlannedRequest {
  return { to, request: { conversation, interaction: file.interaction, deviceId: self }, file };
}
