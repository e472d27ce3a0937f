import { SyncError } from '../../errors.ts';
import { DISK_LOOK_BYTES, DISK_LOOK_MS } from '../../limits.ts';
import type { Clock } from '../../ports.ts';
import { createOneAtATime } from '../one-at-a-time.ts';

/** Less is free than is to stay free. Bytes. */
export interface DiskShortage {
  readonly free: number;
  readonly reserve: number;
}

/** Undefined while there is room, and where nobody can tell. */
export function shortageOf(free: number | undefined, reserve: number): DiskShortage | undefined {
  return free !== undefined && free < reserve ? { free, reserve } : undefined;
}

/** How much the disk has left, as last looked at. */
export interface DiskRoom {
  /** Bytes; undefined before the first look, and where the system does not tell. */
  free(): number | undefined;
  /** Fires when a look finds less than the reserve, with DISK_RESERVED; what begins afterwards gets another signal. */
  whileRoom(): AbortSignal;
  /** Looks now. */
  look(): Promise<void>;
  /** Something was written or removed: looks soon. Cheap to call often. */
  poke(): void;
}

export interface DiskRoomOptions {
  readonly clock: Clock;
  /** Ends the looking. */
  readonly signal: AbortSignal;
  /** Bytes that stay free. */
  readonly reserve: number;
  /** Bytes. */
  measure(): Promise<number | undefined>;
  /** Told when there is more, or less, by `DISK_LOOK_BYTES` than when it was last told. */
  onChanged(): void;
}

/** Others use the disk as well, so it is looked at again and again. */
export function createDiskRoom({ clock, signal, reserve, measure, onChanged }: DiskRoomOptions): DiskRoom {
  let free: number | undefined;
  let told: number | undefined;
  let filling = new AbortController();

  function stopFilling(shortage: DiskShortage): void {
    const stopped = filling;
    filling = new AbortController();
    stopped.abort(new SyncError('DISK_RESERVED', shortage));
  }

  async function look(): Promise<void> {
    free = await measure();
    const shortage = shortageOf(free, reserve);
    if (shortage) stopFilling(shortage);
    if (signal.aborted || !isNews(free, told)) return;
    told = free;
    onChanged();
  }

  async function keepLooking(): Promise<void> {
    while (!signal.aborted) {
      await clock.wait(DISK_LOOK_MS, signal);
      await look();
    }
  }

  const looks = createOneAtATime<'disk'>(() => {});
  keepLooking().catch(() => {});
  return { free: () => free, whileRoom: () => filling.signal, look, poke: () => looks.run('disk', look) };
}

function isNews(free: number | undefined, told: number | undefined): boolean {
  if (free === undefined || told === undefined) return free !== told;
  return Math.abs(free - told) >= DISK_LOOK_BYTES;
}

interface OtherDisks {
  /** What is left where the repositories and the journal lie, each undefined where the system does not tell. */
  readonly others: readonly (number | undefined)[];
  /** Bytes that stay free on each disk. */
  readonly reserve: number;
}

/**
 * What counts as free for files: what is left where they lie, unless a disk of the home that they do not go to has less
 * than its reserve. A file brings records, and the next one commits, that have to find room there.
 */
export function freeForFiles(free: number | undefined, { others, reserve }: OtherDisks): number | undefined {
  const short = others.filter((left) => left !== undefined && left < reserve);
  const known = [free, ...short].filter((left) => left !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
