import type { CommitId, DeviceId } from '../../ids.ts';

/**
 * A number in [0, 1) that depends on nothing but its arguments. The ids are digests, so their last 32 bits are random
 * enough; mixing them is the finalizer of MurmurHash3. A plan draws for many files and devices, so it has to be cheap.
 */
export function draw(one: CommitId | DeviceId, other: DeviceId, tries = 0): number {
  let bits = lastBits(one) ^ Math.imul(lastBits(other), 0x9e3779b1) ^ Math.imul(tries, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
}

function lastBits(id: string): number {
  return Number.parseInt(id.slice(-8), 16);
}
