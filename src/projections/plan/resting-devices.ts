import type { DeviceId } from '../../ids.ts';
import type { Rest } from '../journal/rests.ts';
import { createMoments } from './moments.ts';

/** The devices that are left alone for a while, and when each of them may be asked again. */
export class RestingDevices {
  readonly #ends = createMoments<DeviceId>();
  /** Those whose rest was seen to begin. */
  readonly #resting = new Set<DeviceId>();

  /** Takes the device's rest as it is now. Returns whether one is over that was seen to begin. */
  note(device: DeviceId, rest: Rest | undefined): boolean {
    this.#ends.set(device, rest?.until ?? Number.POSITIVE_INFINITY);
    if (!rest) return this.#resting.delete(device);
    this.#resting.add(device);
    return false;
  }

  devices(): readonly DeviceId[] {
    return [...this.#resting];
  }

  /** Takes out, and yields, those whose time is over. */
  due(now: number): Generator<DeviceId> {
    return this.#ends.due(now);
  }

  /** When the next one's time is over; infinite when none rests. */
  next(): number {
    return this.#ends.next();
  }
}
