import { messageOf } from '../../../errors.ts';
import type { JournalRecord } from '../../../events/journal-record.ts';
import type { HoldingKey } from '../../../events/peer/holdings.ts';
import type { AnnouncedFile } from '../../../fetcher/ports.ts';
import type { CommitId, DeviceId } from '../../../ids.ts';
import { LOCAL_FAILURE_RETRY_MS } from '../../../limits.ts';
import type { Net } from '../../../net/net.ts';
import type { Clock, Log, PeerIdentity } from '../../../ports.ts';
import type { JournalState } from '../../../projections/journal/journal-state.ts';
import { LivePlan } from '../../../projections/plan/live-plan.ts';
import type { PlannedConversation, PlannedRequest } from '../../../projections/plan/plan.ts';
import type { PlanWorld } from '../../../projections/plan/plan-world.ts';
import {
  type WaitingFile,
  type WaitingOptions,
  waitingFile,
  waitingFiles,
} from '../../../projections/plan/waiting-files.ts';
import type { Policy } from '../../../projections/policy/policy.ts';
import type { LiveConversation } from '../../conversations/live-conversation.ts';
import type { DiskRoom } from '../../home/disk-room.ts';
import { announcedFile } from '../announced-file.ts';

export interface PlannerOptions {
  readonly self: PeerIdentity;
  readonly policy: Policy;
  readonly net: Pick<Net, 'links'>;
  /** How much the disk has left. */
  readonly disk: Pick<DiskRoom, 'free'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  journal(): JournalState;
  /** Asks the device and receives what it proposes; resolves when that is over. */
  request(file: AnnouncedFile, from: DeviceId): Promise<void>;
  /** Told after each plan that was carried out. */
  onPlanned(): void;
}

/** Carries out the plan whenever something may have changed it, and when the time has come that the plan waits for. */
export interface Planner {
  /** The conversation is new here, or has grown: these files were announced or taken back, any without it. */
  follow(conversation: LiveConversation, changed?: readonly CommitId[]): void;
  /** These were journalled. */
  note(records: readonly JournalRecord[]): void;
  /** A link came or went: plan again soon. Cheap, and cheap to call often. */
  poke(): void;
  /** What each missing file of the conversation waits for now. */
  waiting(conversation: LiveConversation): readonly WaitingFile[];
  /**
   * The same for single files, as things stand now; undefined for one that is not missing. Many may be looked up at the
   * price of one.
   */
  waitingIn(conversation: LiveConversation): (interaction: CommitId) => WaitingFile | undefined;
  /** What the plan goes by, as it stands. */
  world(): PlanWorld;
  /** The announcements of the conversation that holdings name. */
  named(conversation: Pick<LiveConversation, 'id'>, keys: readonly HoldingKey[]): readonly CommitId[];
}

export function createPlanner(options: PlannerOptions): Planner {
  const { self, policy, net, disk, journal, clock, signal } = options;
  const live = new LivePlan({ self, policy, journal, linked: () => net.links(), free: disk.free });
  let isPoked = false;
  let alarm = new AbortController();
  let alarmAt: number | undefined;

  function poke(): void {
    if (isPoked || signal.aborted) return;
    isPoked = true;
    queueMicrotask(carryOut);
  }

  function carryOut(): void {
    isPoked = false;
    if (signal.aborted) return;
    const { requests, wakeAt, isUnfinished } = live.step(clock.now());
    for (const request of requests) void send(request);
    setAlarm(wakeAt);
    if (isUnfinished) setImmediate(poke);
    else options.onPlanned();
  }

  async function send({ request: { conversation, interaction }, file, to }: PlannedRequest): Promise<void> {
    await carryOutRequest(options, announcedFile({ id: conversation }, file), to);
    live.over(interaction, to);
    poke();
  }

  function setAlarm(at: number | undefined): void {
    if (at === alarmAt) return;
    alarm.abort();
    alarmAt = at;
    if (at === undefined) return;
    alarm = new AbortController();
    const goesOff = clock.wait(Math.max(0, at - clock.now()), AbortSignal.any([alarm.signal, signal]));
    goesOff.then(onAlarm, () => {});
  }

  function onAlarm(): void {
    alarmAt = undefined;
    poke();
  }

  const waitingOptions = (): WaitingOptions => ({
    world: live.world(clock.now()),
    isSlotFree: (lane) => live.isSlotFree(lane),
  });
  return {
    poke,
    follow(conversation, changed) {
      live.follow(plannedConversation(conversation), changed);
      poke();
    },
    note(records) {
      for (const record of records) live.note(record);
      poke();
    },
    waiting: (conversation) => waitingFiles(plannedConversation(conversation), waitingOptions()),
    waitingIn(conversation) {
      const [planned, options] = [plannedConversation(conversation), waitingOptions()];
      return (interaction) => waitingFile(planned, interaction, options);
    },
    world: () => live.world(clock.now()),
    named: ({ id }, keys) => live.named(id, keys),
  };
}

/** A request that leaves nothing in the journal failed on this machine. It is not over before it may be repeated. */
async function carryOutRequest(
  { request, journal, clock, log, signal }: PlannerOptions,
  file: AnnouncedFile,
  from: DeviceId,
): Promise<void> {
  const recordOf = () => journal().files.get(file.interaction);
  const before = recordOf();
  try {
    await request(file, from);
  } catch (error) {
    log.warn('request failed', { file: file.fileId, from, reason: messageOf(error) });
  }
  if (recordOf() === before) await clock.wait(LOCAL_FAILURE_RETRY_MS, signal).catch(() => {});
}

function plannedConversation({ id, states }: LiveConversation): PlannedConversation {
  const { files, members } = states();
  return { conversation: id, files, members };
}
