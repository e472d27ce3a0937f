import type { FileProgress } from '../../../fetcher/fetcher-options.ts';
import type { CommitId } from '../../../ids.ts';
import type { Clock } from '../../../ports.ts';
import type { TransferPhase } from '../../../projections/transfer-state.ts';
import type { TransferView } from '../../../projections/transfers.ts';
import { createShareMeters, type LiveShare, type ShareMeters } from './share-meters.ts';

/**
 * What moved since the journal last said so: the figures people watch, forgotten when they are of no use any more.
 *
 * Invariants of what `refresh` returns: while a transfer is on its way its bytes never go back, whoever the sources are;
 * they are all of the file once it is complete, and not before.
 */
export interface LiveProgress extends Pick<ShareMeters, 'note' | 'noteTold' | 'forget'> {
  noteFile(progress: FileProgress): void;
  /** It is all here, or was removed: what comes of it from now on begins anew, whoever looked at it meanwhile. */
  forgetFile(interaction: CommitId): void;
  /** The view with what arrived since; never behind the journal. */
  refresh(view: TransferView): TransferView;
}

/** The next try counts from what is really here. */
const OVER: ReadonlySet<TransferPhase> = new Set(['complete', 'failed', 'cancelled', 'refused', 'deleted']);

export function createLiveProgress(clock: Clock): LiveProgress {
  const { note, noteTold, forget, live } = createShareMeters(clock);
  const files = new Map<CommitId, FileProgress>();
  /** The most that was shown of each transfer that is on its way. */
  const marks = new Map<string, number>();

  function bytesOf(view: TransferView, running: readonly LiveShare[]): number {
    const key = markOf(view);
    if (OVER.has(view.phase)) {
      marks.delete(key);
      return view.bytes;
    }
    const file = view.direction === 'receiving' && view.phase === 'running' ? files.get(view.interaction) : undefined;
    const moved = file ? [file.verified] : running.map(({ there }) => there);
    // The last byte counts once the file is verified.
    const mark = Math.min(Math.max(view.bytes, marks.get(key) ?? 0, ...moved), Math.max(0, view.totalSize - 1));
    if (mark > 0) marks.set(key, mark);
    return mark;
  }

  function isAllThere({ interaction, direction, totalSize }: TransferView, running: readonly LiveShare[]): boolean {
    const file = direction === 'receiving' ? files.get(interaction) : undefined;
    return file ? file.verified >= totalSize : running.some(({ there }) => there >= totalSize);
  }

  return {
    ...{ note, noteTold, forget },
    noteFile: (progress) => void files.set(progress.file.interaction, progress),
    forgetFile(interaction) {
      files.delete(interaction);
      marks.delete(markOf({ interaction, direction: 'receiving' }));
    },
    refresh(view) {
      const shares = view.subTransfers.map((sub) => live(view, sub));
      const running = shares.filter((share) => share.view.phase === 'running');
      const bytes = bytesOf(view, running);
      const subTransfers = shares.map((share) => share.view);
      if (view.phase !== 'running') {
        if (view.direction === 'receiving') files.delete(view.interaction);
        return { ...view, bytes, subTransfers };
      }
      const inFlight = view.direction === 'receiving' ? files.get(view.interaction)?.inFlight : undefined;
      return {
        ...view,
        ...(isAllThere(view, running) && { phase: 'verifying' as const }),
        bytes,
        subTransfers,
        ...(inFlight !== undefined && { inFlight }),
        ...speedOf(view, running, bytes),
      };
    },
  };
}

function markOf({ interaction, direction }: Pick<TransferView, 'interaction' | 'direction'>): string {
  return `${interaction} ${direction}`;
}

/** All that comes in counts for one file; what goes out is a file for each device, and the first of them to have it counts. */
function speedOf(
  { totalSize, direction, bytesPerSecond }: TransferView,
  running: readonly LiveShare[],
  bytes: number,
): Pick<TransferView, 'bytesPerSecond' | 'etaMs'> {
  const speeds = running.flatMap(({ speed }) => speed ?? []);
  if (speeds.length === 0) return bytesPerSecond === undefined ? {} : { bytesPerSecond };
  const total = speeds.reduce((sum, speed) => sum + speed.bytesPerSecond, 0);
  const steady = speeds.reduce((sum, speed) => sum + speed.steadyBytesPerSecond, 0);
  const etaMs = direction === 'receiving' ? timeFor(totalSize - bytes, steady) : timeForFirst(running, totalSize);
  return { bytesPerSecond: total, ...(Number.isFinite(etaMs) && { etaMs }) };
}

function timeForFirst(running: readonly LiveShare[], totalSize: number): number {
  const times = running.map(({ there, speedThere }) => timeFor(totalSize - there, speedThere?.steadyBytesPerSecond));
  return Math.min(...times);
}

function timeFor(bytes: number, bytesPerSecond = 0): number {
  return bytesPerSecond > 0 ? Math.ceil((bytes * 1000) / bytesPerSecond) : Number.POSITIVE_INFINITY;
}
