import { chunkCount } from '../../events/chunk-construction.ts';
import type { DeviceId } from '../../ids.ts';
import { SOURCES_PER_FILE } from '../../limits.ts';
import type { FileAnnouncement } from '../files.ts';
import type { Held } from '../journal/holdings.ts';
import { answerBy, canAsk, heldFor } from './asking.ts';
import type { PlanWorld } from './plan-world.ts';
import type { KnownFile } from './serving-order.ts';
import { comparePreference, isOfAuthor, type Preference, preferenceOf, type Source } from './sources.ts';

/** A file of fewer chunks is here before a second source has begun. */
const CHUNKS_FOR_SEVERAL_SOURCES = 4;

/** How many devices may serve the file at the same time. Without chunks there is no telling whose bytes are wrong. */
export function sourcesWanted({ totalSize, chunks }: FileAnnouncement): number {
  const isLong = chunks !== undefined && chunkCount(totalSize, chunks.size) >= CHUNKS_FOR_SEVERAL_SOURCES;
  return isLong ? SOURCES_PER_FILE : 1;
}

/** Who is at it already. */
export interface Activity {
  /** They send the file. */
  readonly receiving: readonly DeviceId[];
  /** They were asked; without a link, they are being dialled. */
  readonly asked: readonly DeviceId[];
  /** The file takes a slot: somebody sends it, or is linked and about to answer. */
  readonly isBusy: boolean;
}

/** Looked at many times for each file: a few devices are searched faster than a collection of them is made. */
export function activityOf({ file, record }: KnownFile, world: PlanWorld): Activity {
  const receiving: DeviceId[] = [];
  record?.subTransfers.forEach(({ peer, phase, direction }) => {
    if (phase === 'running' && direction === 'receiving' && !receiving.includes(peer)) receiving.push(peer);
  });
  const asked = [...world.askingOf(file.interaction)].filter((device) => !receiving.includes(device));
  record?.asks.forEach((ask, device) => {
    const isWaiting = answerBy(ask, world.now) !== undefined;
    if (isWaiting && !receiving.includes(device) && !asked.includes(device)) asked.push(device);
  });
  return { receiving, asked, isBusy: receiving.length > 0 || asked.some((device) => world.isLinked(device)) };
}

/**
 * Whom of these devices to ask for the file now, none of whom may be asked in vain. Linked devices go before one that
 * would have to be dialled, and only one is dialled.
 */
export function asksFor(known: KnownFile, sources: readonly Source[], world: PlanWorld): readonly DeviceId[] {
  const { receiving, asked, isBusy } = activityOf(known, world);
  const wanted = sourcesWanted(known.file) - (isBusy ? receiving.length + asked.length : 0);
  if (wanted <= 0) return [];
  const ready = sources
    .filter((source) => canAsk(known, source, world))
    .map((source) => candidateOf(known, source, world));
  const [first, ...others] = ready.filter(({ isLinked }) => isLinked).sort(compareCandidates);
  if (first) {
    const more = others.filter(isLikely).slice(0, wanted - 1);
    return (isBusy && !isLikely(first) ? more : [first, ...more]).map(({ device }) => device);
  }
  const isDialled = isBusy || asked.length > 0;
  return isDialled
    ? []
    : ready
        .sort(compareCandidates)
        .slice(0, 1)
        .map(({ device }) => device);
}

interface Candidate extends Preference {
  readonly isLinked: boolean;
  readonly held: Held;
  readonly isOfAuthor: boolean;
  readonly sentWrongBytes: boolean;
  readonly tries: number;
}

function candidateOf(known: KnownFile, source: Source, world: PlanWorld): Candidate {
  const { device, linkedSince } = source;
  return {
    ...preferenceOf(known.file, source),
    isLinked: linkedSince !== undefined,
    held: heldFor(known, device, world),
    isOfAuthor: isOfAuthor(known.file, source),
    sentWrongBytes: known.record?.wrongSources.has(device) ?? false,
    tries: known.record?.asks.get(device)?.tries ?? 0,
  };
}

/** Of several that serve together, those of whom nobody knows whether they have the file would mostly decline. */
function isLikely({ held, isOfAuthor, sentWrongBytes }: Candidate): boolean {
  return !sentWrongBytes && (held === 'has' || isOfAuthor);
}

/** Those that once sent wrong bytes go last; then who said that it has the file; then the one asked least often in vain. */
function compareCandidates(a: Candidate, b: Candidate): number {
  return (
    Number(a.sentWrongBytes) - Number(b.sentWrongBytes) ||
    Number(b.held === 'has') - Number(a.held === 'has') ||
    a.tries - b.tries ||
    comparePreference(a, b)
  );
}
