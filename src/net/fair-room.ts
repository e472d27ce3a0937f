/**
 * Who has a place where there are only so many. Each address has a share, and so has each range of addresses, as one
 * owner may have all of a range.
 *
 * Where a share is used up, one that has not shown who it is gives way to a newcomer. Only where there is none, a guest does:
 * one of the range, or the address, that has most of them, as long as the newcomer's own has fewer. So whoever comes from few
 * ranges, in whatever number, leaves places to everybody else.
 */
import { networkOf, rangeOf } from './ip-address.ts';

export interface FairRoom<Visitor> {
  /** Returns who has to go for it, if anybody has to; undefined when there is no place. */
  enter(visitor: Visitor, address: string): readonly Visitor[] | undefined;
  /** It has shown who it is, and is a guest. Harmless when it is gone. */
  seat(visitor: Visitor): void;
  /** Harmless when it is gone. */
  leave(visitor: Visitor): void;
}

/** How many places there are, and how many of them for each range and each address. */
export interface RoomShares {
  readonly inAll: number;
  readonly eachRange: number;
  readonly each: number;
}

/** Visitors, and the parts they fall into: all of them into ranges, those of a range into addresses. Both sets are in order of age. */
interface Crowd<Visitor> {
  readonly silent: Set<Visitor>;
  readonly guests: Set<Visitor>;
  readonly parts: Map<string, Crowd<Visitor>>;
}

/** All, those of its range, and those of its address. */
interface Path<Visitor> {
  readonly range: string;
  readonly network: string;
  readonly crowds: readonly [Crowd<Visitor>, Crowd<Visitor>, Crowd<Visitor>];
}

export function createFairRoom<Visitor>(shares: RoomShares): FairRoom<Visitor> {
  const all = emptyCrowd<Visitor>();
  const paths = new Map<Visitor, Path<Visitor>>();

  function pathOf(address: string): Path<Visitor> {
    const [range, network] = [rangeOf(address), networkOf(address)];
    const ofRange = all.parts.get(range) ?? emptyCrowd();
    return { range, network, crowds: [all, ofRange, ofRange.parts.get(network) ?? emptyCrowd()] };
  }

  function take(visitor: Visitor, path: Path<Visitor>): void {
    const [, ofRange, ofNetwork] = path.crowds;
    all.parts.set(path.range, ofRange);
    ofRange.parts.set(path.network, ofNetwork);
    for (const crowd of path.crowds) crowd.silent.add(visitor);
    paths.set(visitor, path);
  }

  function leave(visitor: Visitor): void {
    const path = paths.get(visitor);
    if (path === undefined) return;
    paths.delete(visitor);
    for (const crowd of path.crowds) if (!crowd.silent.delete(visitor)) crowd.guests.delete(visitor);
    const [, ofRange, ofNetwork] = path.crowds;
    if (sizeOf(ofNetwork) === 0) ofRange.parts.delete(path.network);
    if (sizeOf(ofRange) === 0) all.parts.delete(path.range);
  }

  return {
    enter(visitor, address) {
      const path = pathOf(address);
      const full = fullOn(path, shares);
      const leaving = full && (longestSilentOf(full.crowd) ?? guestToGo(full));
      if (full && leaving === undefined) return undefined;
      if (leaving !== undefined) leave(leaving);
      take(visitor, path);
      return leaving === undefined ? [] : [leaving];
    },
    seat(visitor) {
      for (const { silent, guests } of paths.get(visitor)?.crowds ?? []) {
        silent.delete(visitor);
        guests.add(visitor);
      }
    },
    leave,
  };
}

interface FullCrowd<Visitor> {
  readonly crowd: Crowd<Visitor>;
  /** The part of it that a newcomer would belong to; an address has no parts. */
  readonly own: Crowd<Visitor> | undefined;
}

/** The smallest crowd on a path that has all its places taken. */
function fullOn<Visitor>({ crowds }: Path<Visitor>, shares: RoomShares): FullCrowd<Visitor> | undefined {
  const [all, ofRange, ofNetwork] = crowds;
  if (sizeOf(ofNetwork) >= shares.each) return { crowd: ofNetwork, own: undefined };
  if (sizeOf(ofRange) >= shares.eachRange) return { crowd: ofRange, own: ofNetwork };
  return sizeOf(all) >= shares.inAll ? { crowd: all, own: ofRange } : undefined;
}

/** Of the part that has most of those who have not shown who they are, the one that came first. */
function longestSilentOf<Visitor>(crowd: Crowd<Visitor>): Visitor | undefined {
  const part = partWithMost(crowd, ({ silent }) => silent.size);
  if (part !== undefined) return longestSilentOf(part);
  const [first] = crowd.silent;
  return first;
}

/** The one that came last, of the part with most guests; nobody where the newcomer's own would have as many then. */
function guestToGo<Visitor>({ crowd, own }: FullCrowd<Visitor>): Visitor | undefined {
  const part = partWithMost(crowd, sizeOf);
  return part && own && sizeOf(part) > sizeOf(own) + 1 ? latestGuestOf(part) : undefined;
}

function latestGuestOf<Visitor>(crowd: Crowd<Visitor>): Visitor | undefined {
  const part = partWithMost(crowd, sizeOf);
  return part ? latestGuestOf(part) : [...crowd.guests].at(-1);
}

function partWithMost<Visitor>(
  { parts }: Crowd<Visitor>,
  count: (part: Crowd<Visitor>) => number,
): Crowd<Visitor> | undefined {
  let [most, highest]: [Crowd<Visitor> | undefined, number] = [undefined, -1];
  for (const part of parts.values()) if (count(part) > highest) [most, highest] = [part, count(part)];
  return most;
}

function emptyCrowd<Visitor>(): Crowd<Visitor> {
  return { silent: new Set(), guests: new Set(), parts: new Map() };
}

function sizeOf<Visitor>({ silent, guests }: Crowd<Visitor>): number {
  return silent.size + guests.size;
}
