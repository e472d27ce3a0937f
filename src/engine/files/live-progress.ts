import type { FileProgress, SubTransferProgress } from '../../fetcher/fetcher-options.ts';
import type { CommitId, DeviceId } from '../../ids.ts';
import type { Clock } from '../../ports.ts';
import type { TransferPhase } from '../../projections/transfer-state.ts';
import type { SubTransferView, TransferView } from '../../projections/transfers.ts';
import { measure, type RateMeter, type Speed, speedAt, startMeter } from './rate-meter.ts';

/**
 * What moved since the journal last said so: the figures people watch, forgotten when they are of no use any more.
 *
 * Invariants of what `refresh` returns: while a transfer is on its way its bytes never go back, whoever the sources are;
 * they are all of the file once it is complete, and not before.
 */
export interface LiveProgress {
  note(progress: SubTransferProgress): void;
  noteFile(progress: FileProgress): void;
  forget(share: Share): void;
  /** The view with what arrived since; never behind the journal. */
  refresh(view: TransferView): TransferView;
}

interface Share {
  readonly interaction: CommitId;
  readonly peer: DeviceId;
  readonly direction: 'receiving' | 'serving';
}

interface RunningShare {
  readonly view: SubTransferView;
  readonly speed: Speed | undefined;
}

/** The next try counts from what is really here. */
const OVER: ReadonlySet<TransferPhase> = new Set(['complete', 'failed', 'cancelled', 'refused', 'deleted']);

export function createLiveProgress(clock: Clock): LiveProgress {
  const meters = new Map<string, RateMeter>();
  const files = new Map<CommitId, FileProgress>();
  /** The most that was shown of each transfer that is on its way. */
  const marks = new Map<string, number>();

  function shareOf(view: TransferView, sub: SubTransferView): RunningShare {
    const meter = sub.phase === 'running' ? meters.get(keyOf({ ...view, peer: sub.peer })) : undefined;
    if (!meter) return { view: sub, speed: undefined };
    const speed = speedAt(meter, clock.now());
    const bytes = Math.max(sub.bytes, meter.bytes);
    return { view: { ...sub, bytes, ...(speed && { bytesPerSecond: speed.bytesPerSecond }) }, speed };
  }

  function bytesOf(view: TransferView, shares: readonly RunningShare[]): number {
    const key = `${view.interaction} ${view.direction}`;
    if (OVER.has(view.phase)) {
      marks.delete(key);
      return view.bytes;
    }
    const file = view.direction === 'receiving' ? files.get(view.interaction) : undefined;
    const running = shares.filter((share) => share.view.phase === 'running');
    const moved = file ? [file.verified] : running.map((share) => share.view.bytes);
    // The last byte counts once the file is verified.
    const mark = Math.min(Math.max(view.bytes, marks.get(key) ?? 0, ...moved), Math.max(0, view.totalSize - 1));
    if (mark > 0) marks.set(key, mark);
    return mark;
  }

  function isAllHere({ interaction, direction, totalSize }: TransferView, shares: readonly RunningShare[]): boolean {
    const file = direction === 'receiving' ? files.get(interaction) : undefined;
    if (file) return file.verified >= totalSize;
    return shares.some((share) => share.view.phase === 'running' && share.view.bytes >= totalSize);
  }

  return {
    note({ file, peer, direction, bytes }) {
      const key = keyOf({ interaction: file.interaction, peer, direction });
      const meter = meters.get(key);
      const at = clock.now();
      meters.set(key, meter ? measure(meter, bytes, at) : startMeter(bytes, at));
    },
    noteFile: (progress) => void files.set(progress.file.interaction, progress),
    forget: (share) => void meters.delete(keyOf(share)),
    refresh(view) {
      const shares = view.subTransfers.map((sub) => shareOf(view, sub));
      const bytes = bytesOf(view, shares);
      const subTransfers = shares.map((share) => share.view);
      if (view.phase !== 'running') {
        if (view.direction === 'receiving') files.delete(view.interaction);
        return { ...view, bytes, subTransfers };
      }
      const inFlight = view.direction === 'receiving' ? files.get(view.interaction)?.inFlight : undefined;
      return {
        ...view,
        ...(isAllHere(view, shares) && { phase: 'verifying' as const }),
        bytes,
        subTransfers,
        ...(inFlight !== undefined && { inFlight }),
        ...speedOf(view, shares, bytes),
      };
    },
  };
}

/** All that comes in counts for one file; what goes out is a file for each device, and the first of them to have it counts. */
function speedOf(
  { totalSize, direction, bytesPerSecond }: TransferView,
  shares: readonly RunningShare[],
  bytes: number,
): Pick<TransferView, 'bytesPerSecond' | 'etaMs'> {
  const known = shares.flatMap(({ view, speed }) => (speed ? [{ view, speed }] : []));
  if (known.length === 0) return bytesPerSecond === undefined ? {} : { bytesPerSecond };
  const total = known.reduce((sum, { speed }) => sum + speed.bytesPerSecond, 0);
  const etaMs =
    direction === 'receiving'
      ? timeFor(
          totalSize - bytes,
          known.reduce((sum, { speed }) => sum + speed.steadyBytesPerSecond, 0),
        )
      : Math.min(...known.map(({ view, speed }) => timeFor(totalSize - view.bytes, speed.steadyBytesPerSecond)));
  return { bytesPerSecond: total, ...(Number.isFinite(etaMs) && { etaMs }) };
}

function timeFor(bytes: number, bytesPerSecond: number): number {
  return Math.ceil((bytes * 1000) / bytesPerSecond);
}

function keyOf({ interaction, peer, direction }: Share): string {
  return `${interaction} ${peer} ${direction}`;
}
