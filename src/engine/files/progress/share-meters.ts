import type { SubTransferProgress, ToldProgress } from '../../../fetcher/fetcher-options.ts';
import type { CommitId, DeviceId } from '../../../ids.ts';
import type { Clock } from '../../../ports.ts';
import type { SubTransferView, TransferView } from '../../../projections/transfers.ts';
import { measure, type RateMeter, type Speed, speedAt, startMeter } from './rate-meter.ts';

/** How far, and how fast, each device's share moves at this moment. */
export interface ShareMeters {
  note(progress: SubTransferProgress): void;
  /** A device that is sent the file has so much of it, also from others. */
  noteTold(progress: ToldProgress): void;
  forget(share: Share): void;
  /** The share with what moved since the journal last said so; never behind it. */
  live(view: TransferView, sub: SubTransferView): LiveShare;
}

export interface Share {
  readonly interaction: CommitId;
  readonly peer: DeviceId;
  readonly direction: 'receiving' | 'serving';
}

export interface LiveShare {
  readonly view: SubTransferView;
  /** Absent while too little has moved. */
  readonly speed: Speed | undefined;
  /** Bytes of the file that the receiving device has, as far as is known: those on their way to it may be ahead of its word. */
  readonly there: number;
  /** How fast that grows. */
  readonly speedThere: Speed | undefined;
}

export function createShareMeters(clock: Clock): ShareMeters {
  const moved = new Map<string, RateMeter>();
  const told = new Map<string, RateMeter>();

  function meter(meters: Map<string, RateMeter>, share: Share, bytes: number): void {
    const key = keyOf(share);
    const before = meters.get(key);
    const at = clock.now();
    meters.set(key, before ? measure(before, bytes, at) : startMeter(bytes, at));
  }

  const speedOf = (meter: RateMeter | undefined) => meter && speedAt(meter, clock.now());

  return {
    note: ({ file: { interaction }, peer, direction, bytes }) => meter(moved, { interaction, peer, direction }, bytes),
    noteTold: ({ file: { interaction }, peer, bytes }) =>
      meter(told, { interaction, peer, direction: 'serving' }, bytes),
    forget(share) {
      for (const meters of [moved, told]) meters.delete(keyOf(share));
    },
    live({ interaction, direction }, sub) {
      if (sub.phase !== 'running') return { view: sub, speed: undefined, there: sub.bytes, speedThere: undefined };
      const key = keyOf({ interaction, direction, peer: sub.peer });
      const speed = speedOf(moved.get(key));
      const bytes = Math.max(sub.bytes, moved.get(key)?.bytes ?? 0);
      return {
        view: { ...sub, bytes, ...(speed && { bytesPerSecond: speed.bytesPerSecond }) },
        speed,
        there: Math.max(bytes, told.get(key)?.bytes ?? 0),
        speedThere: faster(speed, speedOf(told.get(key))),
      };
    },
  };
}

/** Its word comes now and then only: what leaves from here is the least that it gets. */
function faster(one: Speed | undefined, other: Speed | undefined): Speed | undefined {
  if (!one || !other) return one ?? other;
  return other.steadyBytesPerSecond > one.steadyBytesPerSecond ? other : one;
}

function keyOf({ interaction, peer, direction }: Share): string {
  return `${interaction} ${peer} ${direction}`;
}
