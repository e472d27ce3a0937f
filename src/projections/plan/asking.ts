/** Whether, and from when on, one device may be asked for one file. */
import { backOff, jittered } from '../../back-off.ts';
import type { DeviceId } from '../../ids.ts';
import { REQUEST_ANSWER_MS, REQUEST_RETRY_MAX_MS, REQUEST_RETRY_MS, UNAVAILABLE_RETRY_MS } from '../../limits.ts';
import type { FileAnnouncement } from '../files.ts';
import type { Ask } from '../journal/asks.ts';
import type { FileRecord } from '../journal/file-record.ts';
import { type Held, hasSaid, heldBy } from '../journal/holdings.ts';
import { isRestful } from '../journal/rests.ts';
import { draw } from './draw.ts';
import { opensAt, type PlanWorld } from './plan-world.ts';
import type { KnownFile } from './serving-order.ts';
import type { Source } from './sources.ts';
import { isWantedOver } from './wanting.ts';

export function canAsk(known: KnownFile, source: Source, world: PlanWorld): boolean {
  return (
    opensAt(source, world) <= world.now &&
    !isAtIt(known, source.device, world) &&
    readyAt(known, source, world) <= world.now &&
    isWantedOver(source.link, known, world.policy)
  );
}

/** The device is being asked for the file, or sends it. */
export function isAtIt({ file, record }: KnownFile, device: DeviceId, { now, askingOf }: PlanWorld): boolean {
  const ask = record?.asks.get(device);
  return (
    askingOf(file.interaction).has(device) ||
    (ask !== undefined && answerBy(ask, now) !== undefined) ||
    (record !== undefined && isReceivingFrom(record, device))
  );
}

export function isReceivingFrom({ subTransfers }: FileRecord, device: DeviceId): boolean {
  return subTransfers.some(
    ({ peer, phase, direction }) => peer === device && phase === 'running' && direction === 'receiving',
  );
}

/** While the request is under way: when it counts as failed. */
export function answerBy(ask: Ask, now: number): number | undefined {
  const end = endOf(ask);
  return ask.outcome.kind === 'waiting' && now < end ? end : undefined;
}

export function heldFor({ conversation, file }: KnownFile, device: DeviceId, { journal }: PlanWorld): Held {
  const { interaction } = file;
  const held = heldBy(journal.holdings, { conversation, interaction, device });
  // It announced the file, so it has it, until it says otherwise in as many words.
  if (held === 'lacks' && device === file.device && !hasSaid(journal.holdings, { conversation, interaction, device })) {
    return 'unknown';
  }
  return held;
}

/** From when on the device may be asked, as far as the file is concerned; infinity when only news from it can change that. */
export function readyAt(known: KnownFile, { device, linkedSince }: Source, world: PlanWorld): number {
  const { file, record } = known;
  const ask = record?.asks.get(device);
  if (heldFor(known, device, world) === 'lacks')
    return ask ? retryOfLackingAt(file, device, ask) : Number.POSITIVE_INFINITY;
  if (!ask || isForgotten(ask)) return 0;
  const isWrongSource = record?.wrongSources.has(device) ?? false;
  // A link that came up since is news: what was in vain before may work now. Wrong bytes stay wrong.
  if (linkedSince !== undefined && linkedSince > endOf(ask) && !isWrongSource) return 0;
  return retryAt(file, device, ask);
}

/** What says nothing against asking the device for this file again. */
function isForgotten({ outcome }: Ask): boolean {
  if (outcome.kind === 'declined') return outcome.reason === 'has-not' || isRestful(outcome.reason);
  return outcome.kind === 'served' || (outcome.kind === 'failed' && outcome.failure === 'disk-full');
}

/** A device that was asked and has not may be asked once more, much later; one that said so by itself will say when it has. */
function retryOfLackingAt({ interaction }: FileAnnouncement, device: DeviceId, ask: Ask): number {
  return Math.ceil(ask.at + jittered(UNAVAILABLE_RETRY_MS, draw(interaction, device, ask.tries)));
}

/** When the ask was over; a request that nobody answered is over at its deadline. */
function endOf({ outcome, at }: Ask): number {
  return outcome.kind === 'waiting' ? at + REQUEST_ANSWER_MS : at;
}

/** Doubles from try to try. */
function retryAt({ interaction }: FileAnnouncement, device: DeviceId, ask: Ask): number {
  if (isHeldBack(ask)) return retryOfHeldBackAt(device, ask);
  const wait = backOff(ask.tries, { first: REQUEST_RETRY_MS, longest: REQUEST_RETRY_MAX_MS });
  return Math.ceil(endOf(ask) + jittered(wait, draw(interaction, device, ask.tries)));
}

/** The user there holds the file back. */
export function isHeldBack({ outcome }: Pick<Ask, 'outcome'>): boolean {
  return outcome.kind === 'declined' && (outcome.reason === 'withheld' || outcome.reason === 'paused');
}

/**
 * What a user said holds for long, and its end is told by an offer: the longest wait from the first try on. It is drawn for
 * the device, not for the file: files that were declined together are asked for again together.
 */
function retryOfHeldBackAt(device: DeviceId, ask: Ask): number {
  return Math.ceil(ask.at + jittered(REQUEST_RETRY_MAX_MS, draw(device, device, ask.tries)));
}
