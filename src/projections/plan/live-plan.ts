import type { JournalRecord } from '../../events/journal-record.ts';
import { type HoldingKey, unpackHoldings } from '../../events/peer/holdings.ts';
import type { CommitId, ConversationId, DeviceId } from '../../ids.ts';
import { PLAN_FILES_PER_TURN } from '../../limits.ts';
import type { PeerIdentity } from '../../ports.ts';
import type { JournalState } from '../journal/journal-state.ts';
import { lackOf } from '../missing-files.ts';
import type { Policy } from '../policy/policy.ts';
import type { Room } from '../policy/subject.ts';
import { FollowedConversations } from './followed-conversations.ts';
import { type HeldPlan, isSlotFree, nextRequests } from './next-requests.ts';
import type { Plan, PlannedConversation } from './plan.ts';
import type { PlanWorld } from './plan-world.ts';
import { RequestsUnderWay } from './requests-under-way.ts';
import { RestingDevices } from './resting-devices.ts';
import { createRoomWaits } from './room-waits.ts';
import type { KnownFile, Lane, Slots } from './serving-order.ts';
import type { Linked } from './sources.ts';
import { TrackedFiles } from './tracked-files.ts';
import { isWanted } from './wanting.ts';

export interface LivePlanOptions {
  readonly self: PeerIdentity;
  readonly policy: Policy;
  /** Files that may be under way at once; `SLOTS` unless given. */
  readonly slots?: Slots;
  journal(): JournalState;
  linked(): readonly Linked[];
  /** Bytes that the disk has left; undefined while nobody has looked. */
  free?(): number | undefined;
}

export interface LiveStep extends Plan {
  /** There were more files to look at than a turn allows: go on as soon as others had theirs. */
  readonly isUnfinished: boolean;
}

/**
 * The plan, kept in step with what happens: `step` gives the requests of `plan` without looking at files that nothing has
 * happened to.
 *
 * What it needs to be told: how a conversation has grown, each record that was journalled, and when a request is over.
 * Links it compares by itself. Each request is given once; until it is `over`, the file counts as being asked for.
 */
export class LivePlan {
  readonly #options: LivePlanOptions;
  readonly #followed: FollowedConversations;
  readonly #tracked = new TrackedFiles();
  readonly #requests = new RequestsUnderWay();
  readonly #touched = new Set<CommitId>();
  readonly #rests = new RestingDevices();
  readonly #roomWaits = createRoomWaits();
  readonly #held: HeldPlan;

  constructor(options: LivePlanOptions) {
    this.#options = options;
    this.#followed = new FollowedConversations(options);
    this.#held = {
      ...{ self: options.self, policy: options.policy, slots: options.slots },
      ...{ followed: this.#followed, tracked: this.#tracked, requests: this.#requests, roomWaits: this.#roomWaits },
      known: (interaction) => this.#known(interaction),
      room: () => this.#room(),
    };
    for (const device of options.journal().rests.keys()) this.#noteRest(device);
  }

  /** The conversation is new here, or has grown; `changed` are the announcements that came or were taken back, all without it. */
  follow(conversation: PlannedConversation, changed?: readonly CommitId[]): void {
    const news = this.#followed.follow(conversation, changed);
    for (const interaction of news.changed) this.#touched.add(interaction);
    if (news.devices.length > 0) this.#lookAgainFor(news.devices);
  }

  /** Tells of a record once the journal's state has it. */
  note(record: JournalRecord): void {
    if (record.kind === 'holdings-told') {
      // What a device lacks is no reason to ask it.
      const keys = unpackHoldings(record.has) ?? [];
      for (const interaction of this.#followed.named(record.conversation, keys)) this.#touched.add(interaction);
    } else if ('interaction' in record) this.#touch(record.interaction);
    if (record.kind === 'device-revoked' || record.kind === 'device-seen') this.#lookAgainFor(this.#followed.sift());
    if (record.kind === 'request-declined') this.#noteRest(record.from);
    if (record.kind === 'sub-transfer-started') this.#noteRest(record.peer);
    if (record.kind === 'file-accepted') for (const device of this.#rests.devices()) this.#noteRest(device);
  }

  /** The request has ended, one way or the other. */
  over(interaction: CommitId, device: DeviceId): void {
    this.#requests.end(interaction, device);
    this.#touched.add(interaction);
  }

  /** Whom to ask now. */
  step(now: number): LiveStep {
    this.#takeIn(now);
    this.#lookAtTouched(now, PLAN_FILES_PER_TURN);
    // Somebody may be asked only once it is known of every file how it stands.
    if (this.#touched.size > 0) return { requests: [], isUnfinished: true };
    const world = this.world(now);
    const { fullDisk } = world.journal;
    if (fullDisk && now < fullDisk.until) return { requests: [], wakeAt: fullDisk.until, isUnfinished: false };
    const { requests, isUnfinished } = nextRequests(this.#held, world);
    const wakeAt = Math.min(this.#tracked.moments.next(), this.#rests.next());
    return { requests, ...(Number.isFinite(wakeAt) && { wakeAt }), isUnfinished };
  }

  /** Takes in what changed since, without asking anybody. */
  look(now: number): void {
    this.#takeIn(now);
    this.#lookAtTouched(now, Number.POSITIVE_INFINITY);
  }

  #takeIn(now: number): void {
    this.#lookAgainFor(this.#followed.link(this.#options.linked()));
    for (const interaction of this.#tracked.moments.due(now)) this.#touched.add(interaction);
    for (const interaction of this.#roomWaits.release(this.world(now).room)) this.#touched.add(interaction);
    for (const device of this.#rests.due(now)) this.#tracked.stir(device);
  }

  #lookAtTouched(now: number, atMost: number): void {
    const world = this.world(now);
    let looks = 0;
    for (const interaction of this.#touched) {
      if (looks === atMost) return;
      looks += 1;
      this.#touched.delete(interaction);
      this.#look(interaction, world);
    }
  }

  /** What decides whom to ask, as it stands; it changes with what is told. */
  world(now: number): PlanWorld {
    const followed = this.#followed;
    const { policy } = this.#options;
    const journal = this.#options.journal();
    return {
      ...{ journal, now, policy },
      room: this.#room(),
      linkKinds: followed.linkKinds(),
      sourcesOf: (conversation) => [...(followed.sources(conversation)?.values() ?? [])],
      askingOf: (interaction) => this.#requests.devicesOf(interaction),
      isLinked: (device) => followed.isLinked(device),
      dialledUntil: (device) => this.#tracked.dials.until(device),
    };
  }

  /** The announced files that holdings name. */
  named(conversation: ConversationId, keys: readonly HoldingKey[]): readonly CommitId[] {
    return this.#followed.named(conversation, keys);
  }

  isSlotFree(lane: Lane): boolean {
    return isSlotFree(this.#held, lane);
  }

  #look(interaction: CommitId, world: PlanWorld): void {
    const known = this.#known(interaction);
    if (known && isMissing(known) && isWanted(known, this.#options.policy)) this.#tracked.track(known, world);
    else this.#tracked.forget(interaction);
  }

  #room(): Room {
    const { journal, free } = this.#options;
    return { held: journal().held, claims: this.#requests.claims, free: free?.() };
  }

  /** Something is known of the file that was not before. */
  #touch(interaction: CommitId): void {
    this.#touched.add(interaction);
    const known = this.#requests.has(interaction) ? this.#known(interaction) : undefined;
    if (known) this.#requests.claim(known);
  }

  #known(interaction: CommitId): KnownFile | undefined {
    const found = this.#followed.find(interaction);
    return found && { ...found, record: this.#options.journal().files.get(interaction) };
  }

  /** The devices came, went, or are linked otherwise. */
  #lookAgainFor(devices: readonly DeviceId[]): void {
    if (devices.length === 0) return;
    for (const interaction of this.#tracked.busy()) this.#touched.add(interaction);
    for (const device of devices) {
      for (const interaction of this.#tracked.dials.filesOf(device)) this.#touched.add(interaction);
      this.#tracked.stir(device);
    }
  }

  #noteRest(device: DeviceId): void {
    if (this.#rests.note(device, this.#options.journal().rests.get(device))) this.#tracked.stir(device);
  }
}

function isMissing({ file, record }: KnownFile): boolean {
  return !file.isDeleted && lackOf(record) !== undefined;
}
