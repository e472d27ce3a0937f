import type { DeviceId } from '../../ids.ts';
import { REQUEST_ANSWER_MS } from '../../limits.ts';
import { answerBy, heldFor, readyAt } from './asking.ts';
import { activityOf, asksFor } from './asks-for.ts';
import { opensAt, type PlanWorld } from './plan-world.ts';
import type { KnownFile } from './serving-order.ts';
import type { Source } from './sources.ts';

/** What a wanted file that is missing here needs, or waits for. Times in milliseconds since the Unix epoch. */
export type NextStep =
  /** It is being received; `from` the first of those that send it. */
  | { readonly step: 'receive'; readonly from: DeviceId }
  /** A request is under way and counts as failed at `until`. */
  | { readonly step: 'await-answer'; readonly from: DeviceId; readonly until: number }
  | { readonly step: 'ask'; readonly from: DeviceId }
  /** As many files as may be are under way. */
  | { readonly step: 'await-slot' }
  /** A device that may hold it is being dialled, for this file or for another one. */
  | { readonly step: 'dial'; readonly to: DeviceId; readonly until: number }
  /** Everybody was asked in vain; the next turn comes at `until`, or when a device links. */
  | { readonly step: 'back-off'; readonly until: number }
  /** The devices that may hold it are not linked; one is dialled again at `until`. */
  | { readonly step: 'await-link'; readonly until: number }
  /** Every device said that it does not have it. One is asked again at `until`, if at all, or as soon as it says that it has. */
  | { readonly step: 'unavailable'; readonly until?: number }
  /** The disk is full: nothing is asked for before `until`. */
  | { readonly step: 'await-space'; readonly until: number }
  /** No device is known that could hold it. */
  | { readonly step: 'await-source' };

export function nextStep(known: KnownFile, world: PlanWorld, isSlotFree: boolean): NextStep {
  const { receiving, asked, isBusy } = activityOf(known, world);
  const [sender] = receiving;
  if (sender !== undefined) return { step: 'receive', from: sender };
  const asker = asked.find((device) => world.isLinked(device));
  if (isBusy && asker !== undefined) return awaitAnswer(known, asker, world);
  const sources = world.sourcesOf(known.conversation);
  if (sources.length === 0) return { step: 'await-source' };
  const { fullDisk } = world.journal;
  if (fullDisk && world.now < fullDisk.until) return { step: 'await-space', until: fullDisk.until };
  const [next] = asksFor(known, sources, world);
  if (next !== undefined) return isSlotFree ? { step: 'ask', from: next } : { step: 'await-slot' };
  return waitOf(known, sources, world);
}

function awaitAnswer({ record }: KnownFile, from: DeviceId, { now }: PlanWorld): NextStep {
  const ask = record?.asks.get(from);
  const until = ask && answerBy(ask, now);
  return until === undefined ? { step: 'ask', from } : { step: 'await-answer', from, until };
}

/** Nobody can be asked now. */
function waitOf(known: KnownFile, sources: readonly Source[], world: PlanWorld): NextStep {
  const holders = sources.filter(({ device }) => heldFor(known, device, world) !== 'lacks');
  const dialled = holders.find(({ device, linkedSince }) => !linkedSince && world.dialledUntil(device) !== undefined);
  const until = dialled && world.dialledUntil(dialled.device);
  if (dialled && until !== undefined) return { step: 'dial', to: dialled.device, until };
  const candidates = holders.length > 0 ? holders : sources;
  const times = candidates.map((source) => Math.max(readyAt(known, source, world), opensAt(source, world)));
  const earliest = Math.min(...times);
  if (holders.length === 0) {
    return { step: 'unavailable', ...(Number.isFinite(earliest) && { until: Math.max(earliest, world.now) }) };
  }
  const isLinked = holders.some(({ linkedSince }) => linkedSince !== undefined);
  // Infinite only while an answer is due, which counts as failed by then.
  const next = Number.isFinite(earliest) ? earliest : world.now + REQUEST_ANSWER_MS;
  return { step: isLinked ? 'back-off' : 'await-link', until: next };
}

/** The next moment, after now, at which the file's own past lets it be looked at again; infinite when it waits for no moment. */
export function nextMoment(known: KnownFile, world: PlanWorld): number {
  const { record } = known;
  if (!record || record.asks.isEmpty()) return Number.POSITIVE_INFINITY;
  const { asks } = record;
  // A device that is no source any more, being banned, is waited for all the same.
  const answers = [...asks.values()].map((ask) => answerBy(ask, world.now) ?? 0);
  const turns = world
    .sourcesOf(known.conversation)
    .filter(({ device }) => asks.has(device))
    .map((source) => readyAt(known, source, world));
  return Math.min(Number.POSITIVE_INFINITY, ...[...answers, ...turns].filter((at) => at > world.now));
}
