/** Where operations are stopped, and how often: seldom enough for every build, or at every point for a soak. */
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFolderSync } from '../folders/remove-folder.ts';
import type { DiskOperation } from './disk-operation.ts';
import { type CrashReport, crashEverywhere, recordOperation } from './every-crash.ts';
import { type DiskFailure, type FailureReport, failEverywhere } from './every-failure.ts';
import { drawnFates, type Fates, killed, namesKept, nothingKept, zerosKept } from './surviving-disk.ts';

export interface CrashStage extends Disposable {
  /** A new folder of that name; on a disk of memory where there is one. */
  folder(name: string): string;
  crash(operation: DiskOperation): Promise<CrashReport>;
  fail(operation: DiskOperation, failure: DiskFailure): Promise<FailureReport>;
}

export interface CrashStageOptions {
  /** Of the fates that are drawn; one disk each at every instant, or at every so manyth. */
  readonly seeds: readonly number[];
  readonly drawnEvery?: number;
  /** Of the instants, every so manyth only. */
  readonly every?: number;
  /** Of the calls that fail, every so manyth. */
  readonly step: number;
}

/**
 * What every build does: the four plain fates at every instant, as their disks are mostly the same, and a few drawn
 * ones, which never are.
 */
export const QUICK: CrashStageOptions = { seeds: [1], drawnEvery: 3, step: 13 };

const MEMORY = '/dev/shm';

export function createCrashStage({ seeds, drawnEvery = 1, every = 1, step }: CrashStageOptions): CrashStage {
  const root = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'swarmlog-crashes-'));
  const fates: Record<string, (instant: number) => Fates | undefined> = {
    killed: () => killed,
    'nothing kept': () => nothingKept,
    'names kept': () => namesKept,
    'zeros kept': () => zerosKept,
  };
  for (const seed of seeds)
    fates[`drawn from ${seed}`] = (instant) =>
      instant % drawnEvery === 0 ? drawnFates(seed * 100_003 + instant) : undefined;
  const atSome = Object.fromEntries(
    Object.entries(fates).map(([name, fatesAt]) => [
      name,
      (instant: number) => (instant % every === 0 ? fatesAt(instant) : undefined),
    ]),
  );
  let folders = 0;

  function folder(name: string): string {
    const path = join(root, `${folders++}-${name}`);
    mkdirSync(path);
    return path;
  }

  return {
    folder,
    async crash(operation) {
      const own = folder('crash');
      return crashEverywhere(operation, { disk: await recordOperation(operation, own), folder: own, fates: atSome });
    },
    fail: (operation, failure) => failEverywhere(operation, { failure, folder: folder('fail'), step }),
    [Symbol.dispose]: () => removeFolderSync(root),
  };
}
