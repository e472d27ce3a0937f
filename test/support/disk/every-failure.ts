/** Has the disk fail at every point of an operation, and looks at what comes of it. */
import { join } from 'node:path';
import { type FailureCode, isSyncError, messageOf } from '../../../src/errors.ts';
import { removeFolderSync } from '../folders/remove-folder.ts';
import { type DiskCall, placeOf } from './disk-call.ts';
import type { DiskOperation, OperationStage } from './disk-operation.ts';
import { watchDisk } from './watched-fs.ts';

/** `full` and `read-only` go on until the disk is mended; `broken` is one call that fails. */
export type DiskFailure = 'full' | 'read-only' | 'broken';

const CODES: Readonly<Record<DiskFailure, { readonly code: string; readonly becomes: FailureCode }>> = {
  full: { code: 'ENOSPC', becomes: 'DISK_FULL' },
  'read-only': { code: 'EROFS', becomes: 'FILE_FAILED' },
  broken: { code: 'EIO', becomes: 'FILE_FAILED' },
};

const NEEDS_ROOM: ReadonlySet<DiskCall['kind']> = new Set([
  ...(['open', 'write', 'write-whole', 'copy', 'link', 'make-directory'] as const),
]);

export interface FailureReport {
  /** Calls at which the disk was made to fail. */
  readonly points: number;
  /** How often the operation ended with the error, and not in spite of it. */
  readonly refused: number;
  readonly flaws: readonly string[];
}

export interface FailEverywhere {
  readonly failure: DiskFailure;
  readonly folder: string;
  /** Every so manyth call only. */
  readonly step?: number;
}

export async function failEverywhere(operation: DiskOperation, options: FailEverywhere): Promise<FailureReport> {
  const { failure, folder, step = 1 } = options;
  const flaws: string[] = [];
  let refused = 0;
  for (let point = 0; ; point += step) {
    const path = join(folder, `${failure}-${point}`);
    await operation.prepare(path);
    const disk = failingDisk(path, { failure, point });
    const promised: string[] = [];
    try {
      await operation.run(path, { promise: (what) => promised.push(what), attempt: disk.attempt });
      await operation.check(path, promised);
    } catch (error) {
      flaws.push(`${failure} at call ${point} (${disk.failedAt()}): ${messageOf(error)}`);
    }
    removeFolderSync(path);
    if (disk.failedAt() === undefined) return { points: point / step, refused, flaws };
    refused += disk.hasRefused() ? 1 : 0;
  }
}

interface FailingDisk extends Pick<OperationStage, 'attempt'> {
  /** The first call that failed; undefined when there were not so many. */
  failedAt(): string | undefined;
  hasRefused(): boolean;
}

function failingDisk(path: string, { failure, point }: { failure: DiskFailure; point: number }): FailingDisk {
  const { code, becomes } = CODES[failure];
  let [calls, hasRefused] = [0, false];
  let failedAt: string | undefined;

  function before(call: DiskCall): void {
    const isOver = failure === 'broken' && failedAt !== undefined;
    if (failure === 'full' && !NEEDS_ROOM.has(call.kind)) return;
    if (calls++ < point || isOver) return;
    failedAt ??= `${call.kind} ${placeOf(call).slice(path.length)}`;
    throw Object.assign(new Error(`${code}: made to fail, ${call.kind}`), { code, syscall: call.kind });
  }

  return {
    failedAt: () => failedAt,
    hasRefused: () => hasRefused,
    async attempt(work) {
      try {
        using _ = watchDisk(path, { before, after: () => {} });
        return await work();
      } catch (error) {
        if (!isSyncError(error, becomes))
          throw new TypeError(`it is no ${becomes}: ${messageOf(error)}`, { cause: error });
        hasRefused = true;
        return work();
      }
    },
  };
}
