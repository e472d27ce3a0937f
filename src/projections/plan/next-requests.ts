import type { CommitId, ConversationId } from '../../ids.ts';
import { PLAN_FILES_PER_TURN } from '../../limits.ts';
import type { PeerIdentity } from '../../ports.ts';
import type { Policy } from '../policy/policy.ts';
import { isBelowReserve } from '../policy/room.ts';
import type { Room } from '../policy/subject.ts';
import { canAsk } from './asking.ts';
import { asksFor } from './asks-for.ts';
import type { FollowedConversations } from './followed-conversations.ts';
import { nextMoment } from './next-step.ts';
import { type PlannedRequest, requestOf } from './plan.ts';
import { opensAt, type PlanWorld } from './plan-world.ts';
import type { RequestsUnderWay } from './requests-under-way.ts';
import type { RoomWaits } from './room-waits.ts';
import { type KnownFile, LANES, type Lane, SLOTS, type Slots } from './serving-order.ts';
import type { Look } from './serving-queue.ts';
import type { Source } from './sources.ts';
import type { TrackedFiles } from './tracked-files.ts';
import { shortageFor } from './wanting.ts';

/** What a running plan holds, and shares with what draws the next requests from it. */
export interface HeldPlan {
  readonly self: PeerIdentity;
  readonly policy: Policy;
  /** Files that may be under way at once; `SLOTS` unless given. */
  readonly slots?: Slots | undefined;
  readonly followed: FollowedConversations;
  readonly tracked: TrackedFiles;
  readonly requests: RequestsUnderWay;
  readonly roomWaits: RoomWaits;
  known(interaction: CommitId): KnownFile | undefined;
  /** As it is now: each request that is given takes some. */
  room(): Room;
}

export interface NextRequests {
  readonly requests: readonly PlannedRequest[];
  /** More files wait for their turn than one look allows. */
  readonly isUnfinished: boolean;
}

export function isSlotFree({ tracked, slots = SLOTS }: Pick<HeldPlan, 'tracked' | 'slots'>, lane: Lane): boolean {
  return tracked.busyCount(lane) < slots[lane];
}

/** Takes from the queues whatever there are slots, room and devices for. */
export function nextRequests(plan: HeldPlan, world: PlanWorld): NextRequests {
  const serving: Serving = { plan, world, open: openSources(world) };
  const requests = [...askMore(serving)];
  let looks = 0;
  for (const lane of LANES) {
    while (looks < PLAN_FILES_PER_TURN && isSlotFree(plan, lane)) {
      const look = plan.tracked.queues[lane].next();
      if (!look) break;
      looks += 1;
      const { interaction } = look.turn;
      if (isWorthIt(look, serving)) requests.push(...begin(interaction, serving));
      else putOff(interaction, serving);
    }
  }
  return { requests, isUnfinished: looks === PLAN_FILES_PER_TURN };
}

interface Serving {
  readonly plan: HeldPlan;
  readonly world: PlanWorld;
  readonly open: OpenSources;
}

type OpenSources = (conversation: ConversationId) => readonly Source[];

/** The devices that may be asked for whatever file; one that is dialled meanwhile is told apart by `asksFor`. */
function openSources(world: PlanWorld): OpenSources {
  const open = new Map<ConversationId, readonly Source[]>();
  return (conversation) => {
    const known = open.get(conversation);
    if (known) return known;
    const sources = world.sourcesOf(conversation).filter((source) => opensAt(source, world) <= world.now);
    open.set(conversation, sources);
    return sources;
  };
}

/** Asks further devices for files that are under way. */
function askMore(serving: Serving): readonly PlannedRequest[] {
  const { plan, world } = serving;
  if (isBelowReserve(world.policy, world.room)) return [];
  return plan.tracked.several().flatMap((interaction) => ask(interaction, serving));
}

/** A file that was looked at in vain is worth another look if a device of those that came since can be asked. */
function isWorthIt({ turn, devices }: Look, { plan, world }: Serving): boolean {
  if (!devices) return true;
  const known = plan.known(turn.interaction);
  const sources = known && plan.followed.sources(known.conversation);
  return [...devices].some((device) => {
    const source = sources?.get(device);
    return known && source && canAsk(known, source, world);
  });
}

/** Nobody can be asked for it now. Who came since may have been asked before, and have its next turn sooner than the others. */
function putOff(interaction: CommitId, { plan, world }: Serving): void {
  const known = plan.known(interaction);
  if (known) plan.tracked.moments.set(interaction, nextMoment(known, world));
}

/** Asks for a file that is not under way, if there is room for it. */
function begin(interaction: CommitId, serving: Serving): readonly PlannedRequest[] {
  const { plan } = serving;
  const known = plan.known(interaction);
  if (!known) return [];
  const room = plan.room();
  const shortage = shortageFor(known, plan.policy, room);
  if (!shortage) return ask(interaction, serving);
  plan.roomWaits.add({ conversation: known.conversation, interaction }, { shortage, room });
  return [];
}

function ask(interaction: CommitId, { plan, world, open }: Serving): readonly PlannedRequest[] {
  const known = plan.known(interaction);
  if (!known) return [];
  const devices = asksFor(known, open(known.conversation), world);
  if (devices.length === 0) {
    plan.tracked.moments.set(interaction, nextMoment(known, world));
    return [];
  }
  plan.requests.begin(known, devices);
  plan.tracked.track(known, world);
  return devices.map((to) => requestOf(known, to, plan.self.device));
}
