import type { CommitId, DeviceId } from '../../ids.ts';
import { REQUEST_ANSWER_MS } from '../../limits.ts';
import { answerBy } from './asking.ts';
import { activityOf, sourcesWanted } from './asks-for.ts';
import { createDials } from './dials.ts';
import { createMoments } from './moments.ts';
import { nextMoment } from './next-step.ts';
import type { PlanWorld } from './plan-world.ts';
import { compareTurns, type KnownFile, LANES, type Lane, laneOf, type Turn, turnOf } from './serving-order.ts';
import { ServingQueue } from './serving-queue.ts';

/** A wanted file that is missing here, in one of two places. */
interface Tracked {
  readonly lane: Lane;
  /** Its place in the queue; undefined while it is under way. */
  readonly turn: Turn | undefined;
}

/**
 * The wanted files that are missing here: which are under way, which wait, whom they dial, and when to look at them again.
 * Everything here follows from the files as they were last given; giving a file again is harmless.
 */
export class TrackedFiles {
  readonly queues: Readonly<Record<Lane, ServingQueue>> = {
    small: new ServingQueue(),
    quick: new ServingQueue(),
    big: new ServingQueue(),
  };
  /** By file. */
  readonly moments = createMoments<CommitId>();
  readonly dials = createDials();
  readonly #tracked = new Map<CommitId, Tracked>();
  readonly #busy: Readonly<Record<Lane, Set<CommitId>>> = {
    small: new Set(),
    quick: new Set(),
    big: new Set(),
  };
  /** Files under way that more devices could serve at the same time. */
  readonly #several = new Set<CommitId>();

  busyCount(lane: Lane): number {
    return this.#busy[lane].size;
  }

  busy(): readonly CommitId[] {
    return LANES.flatMap((lane) => [...this.#busy[lane]]);
  }

  several(): readonly CommitId[] {
    return [...this.#several];
  }

  /** Whether it waits, at this very place. */
  waitsAt(turn: Turn): boolean {
    return this.#tracked.get(turn.interaction)?.turn === turn;
  }

  /** The file is wanted, and is as given now. */
  track(known: KnownFile, world: PlanWorld): void {
    const { interaction } = known.file;
    const { asked, isBusy } = activityOf(known, world);
    const before = this.#tracked.get(interaction);
    const lane = laneOf(known.file);
    const turn = isBusy ? undefined : this.#queued(before?.turn, { turn: turnOf(known), lane });
    if (before?.turn && before.turn !== turn) this.queues[lane].drop(before.turn);
    this.#tracked.set(interaction, { lane, turn });
    this.#setBusy(interaction, { lane, isBusy, isSeveral: isBusy && sourcesWanted(known.file) > 1 });
    this.#dial(
      interaction,
      new Map(asked.filter((to) => !world.isLinked(to)).map((to) => [to, untilOf(known, to, world)])),
    );
    this.moments.set(interaction, nextMoment(known, world));
  }

  /** The file is here, was taken back, or is not wanted any more. */
  forget(interaction: CommitId): void {
    const before = this.#tracked.get(interaction);
    if (!before) return;
    this.#tracked.delete(interaction);
    if (before.turn) this.queues[before.lane].drop(before.turn);
    this.#setBusy(interaction, { lane: before.lane, isBusy: false, isSeveral: false });
    this.#dial(interaction, new Map());
    this.moments.set(interaction, Number.POSITIVE_INFINITY);
  }

  stir(device: DeviceId): void {
    for (const queue of Object.values(this.queues)) queue.stir(device);
  }

  /** The place it has, or gets. */
  #queued(before: Turn | undefined, { turn, lane }: { readonly turn: Turn; readonly lane: Lane }): Turn {
    if (before && compareTurns(before, turn) === 0) {
      this.queues[lane].revisit(before);
      return before;
    }
    this.queues[lane].add(turn);
    return turn;
  }

  #setBusy(
    interaction: CommitId,
    { lane, isBusy, isSeveral }: { readonly lane: Lane; readonly isBusy: boolean; readonly isSeveral: boolean },
  ): void {
    if (isBusy) this.#busy[lane].add(interaction);
    else this.#busy[lane].delete(interaction);
    if (isSeveral) this.#several.add(interaction);
    else this.#several.delete(interaction);
  }

  #dial(interaction: CommitId, dialled: ReadonlyMap<DeviceId, number>): void {
    for (const device of this.dials.set(interaction, dialled)) this.stir(device);
  }
}

function untilOf({ record }: KnownFile, device: DeviceId, { now }: PlanWorld): number {
  const ask = record?.asks.get(device);
  return (ask && answerBy(ask, now)) ?? now + REQUEST_ANSWER_MS;
}
