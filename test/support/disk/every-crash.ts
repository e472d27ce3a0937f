/** Stops an operation at every point, and looks at what is left. */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../../src/errors.ts';
import { removeFolderSync } from '../folders/remove-folder.ts';
import { attemptOnce, type DiskOperation } from './disk-operation.ts';
import { type DiskChange, type RecordedDisk, recordDisk } from './recorded-disk.ts';
import { type Fates, killed, survivorOf } from './surviving-disk.ts';

export interface CrashReport {
  /** Changes of the disk, with an instant before each. */
  readonly instants: number;
  /** Disks that were looked at. */
  readonly disks: number;
  readonly flaws: readonly string[];
}

/** Runs the operation once and gives back what it did to the disk. */
export async function recordOperation(operation: DiskOperation, folder: string): Promise<RecordedDisk> {
  const path = join(folder, 'recorded');
  await operation.prepare(path);
  const disk = recordDisk(path, operation.unseen);
  try {
    await operation.run(path, { promise: disk.promise, attempt: attemptOnce });
  } finally {
    disk[Symbol.dispose]();
  }
  requireSeenAll(disk, { path, folder });
  return disk;
}

/** What was recorded comes to what is there: nothing was written that the recording does not know of. */
function requireSeenAll(
  disk: RecordedDisk,
  { path, folder }: { readonly path: string; readonly folder: string },
): void {
  const copy = join(folder, 'copy');
  survivorOf(disk, { count: disk.changes.length, fates: killed }).make(copy);
  const [known, there] = [copy, path].map((one) => contentsOf(one, disk.unseen));
  if (known !== there) throw new TypeError('the recording has missed something');
  rmSync(copy, { recursive: true });
}

function contentsOf(path: string, except: string | undefined): string {
  const isSeen = (name: string) => except === undefined || !name.startsWith(except);
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter(isSeen).toSorted();
  const isFile = (name: string) => statSync(join(path, name)).isFile();
  return names.map((name) => `${name} ${isFile(name) ? readFileSync(join(path, name), 'base64') : ''}`).join('\n');
}

/** `fates` makes the fates anew for each instant; undefined where one is left out. */
export async function crashEverywhere(
  operation: DiskOperation,
  {
    disk,
    folder,
    fates,
  }: { disk: RecordedDisk; folder: string; fates: Readonly<Record<string, (instant: number) => Fates | undefined>> },
): Promise<CrashReport> {
  const flaws: string[] = [];
  const seen = new Set<string>();
  for (let count = 0; count <= disk.changes.length; count++) {
    const promised = promisedBy(disk.changes.slice(0, count));
    for (const [name, fatesAt] of Object.entries(fates)) {
      const fatesHere = fatesAt(count);
      if (fatesHere === undefined) continue;
      const survivor = survivorOf(disk, { count, fates: fatesHere });
      const key = `${survivor.key} ${promised.length}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const path = join(folder, `survivor-${seen.size}`);
      survivor.make(path);
      await operation.check(path, promised).catch((error: unknown) => {
        const last = describe(disk.changes[count - 1]);
        flaws.push(`${name}, after ${count} changes (${last}): ${messageOf(error)}`);
      });
      removeFolderSync(path);
    }
  }
  return { instants: disk.changes.length + 1, disks: seen.size, flaws };
}

function promisedBy(changes: readonly DiskChange[]): readonly string[] {
  return changes.flatMap((change) => (change.kind === 'promised' ? [change.what] : []));
}

function describe(change: DiskChange | undefined): string {
  if (change === undefined) return 'nothing yet';
  return change.kind === 'names' ? change.what : change.kind;
}
