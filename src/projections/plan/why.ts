import type { LinkPath } from '../../events/journal-record.ts';
import type { AccountUri, DeviceId } from '../../ids.ts';
import type { LinkKind } from '../../ports.ts';
import type { AskOutcome } from '../journal/asks.ts';
import type { Held } from '../journal/holdings.ts';
import { isPresent } from '../journal/journal-state.ts';
import { latestShare, type SubTransfer } from '../journal/sub-transfers.ts';
import { withheldBy } from '../journal/withheld.ts';
import { heldFor, isAtIt, readyAt } from './asking.ts';
import { opensAt, type PlanWorld } from './plan-world.ts';
import type { KnownFile } from './serving-order.ts';
import type { Source } from './sources.ts';

/** What is known of one device as a source of one file. Times in milliseconds since the Unix epoch. */
export interface WhyDevice {
  readonly device: DeviceId;
  readonly account: AccountUri;
  readonly isLinked: boolean;
  /** How near it is, while it is linked. */
  readonly link?: LinkKind;
  /** Its own word, as last heard. */
  readonly holds: Held;
  readonly sentWrongBytes: boolean;
  /** The latest request to it and what came of it; absent when it was not asked, or not since the user asked for the file. */
  readonly lastTry?: {
    readonly at: number;
    readonly tries: number;
    readonly outcome: AskOutcome;
    /** How the two devices were linked; absent when they were not. */
    readonly path?: LinkPath;
  };
  /** It is being asked, or sends the file. */
  readonly isAtIt: boolean;
  /** How far it is with taking the file from here; while the file is here, and the device was told of it or asked for it. */
  readonly taking?: SubTransfer;
  /** From when on it may be asked; absent while only news from it, or the end of what is under way, can change that. */
  readonly nextTryAt?: number;
}

/** Every device that could be a source of the file, those known to hold it first. */
export function whyDevices(known: KnownFile, world: PlanWorld): readonly WhyDevice[] {
  const places: readonly Held[] = ['has', 'unknown', 'lacks'];
  return world
    .sourcesOf(known.conversation)
    .map((source) => whyDevice(known, source, world))
    .sort((a, b) => places.indexOf(a.holds) - places.indexOf(b.holds) || (a.device < b.device ? -1 : 1));
}

function whyDevice(known: KnownFile, source: Source, world: PlanWorld): WhyDevice {
  const { device, account, linkedSince, link } = source;
  const ask = known.record?.asks.get(device);
  const nextTryAt = Math.max(readyAt(known, source, world), opensAt(source, world));
  const isBusy = isAtIt(known, device, world);
  const taking = takingOf(known, device);
  return {
    device,
    account,
    isLinked: linkedSince !== undefined,
    ...(link && { link }),
    holds: heldFor(known, device, world),
    sentWrongBytes: known.record?.wrongSources.has(device) ?? false,
    ...(ask && { lastTry: ask }),
    isAtIt: isBusy,
    ...(taking && { taking }),
    ...(!isBusy && Number.isFinite(nextTryAt) && { nextTryAt: Math.max(nextTryAt, world.now) }),
  };
}

function takingOf({ record }: KnownFile, device: DeviceId): SubTransfer | undefined {
  if (record?.presence.kind !== 'verified') return undefined;
  return latestShare(record.subTransfers, ({ peer, direction }) => peer === device && direction === 'serving');
}

/** Who gets a file from this device, which holds it. */
export type Giving =
  | { readonly to: 'members' }
  /** As the user said, in milliseconds since the Unix epoch. */
  | { readonly to: 'nobody'; readonly because: 'paused' | 'cancelled'; readonly since: number }
  | { readonly to: 'nobody'; readonly because: 'deleted' };

/** Undefined for a file that is not here. */
export function givingOf({ file, record }: KnownFile): Giving | undefined {
  if (record?.presence.kind !== 'verified') return undefined;
  if (file.isDeleted) return { to: 'nobody', because: 'deleted' };
  const because = withheldBy(record.wish);
  return because ? { to: 'nobody', because, since: record.saidAt ?? 0 } : { to: 'members' };
}

/** How many of the devices that take part are known to hold the file, this one included. */
export interface HoldersView {
  readonly holding: number;
  readonly devices: number;
}

export function holdersOf(known: KnownFile, world: PlanWorld): HoldersView {
  const sources = world.sourcesOf(known.conversation);
  const others = sources.filter(({ device }) => heldFor(known, device, world) === 'has').length;
  const isHere = isPresent(world.journal, known.file.interaction);
  return { holding: others + Number(isHere), devices: sources.length + 1 };
}
