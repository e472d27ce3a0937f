import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A real file system of its own, with little room. Needs root on Linux. */
export interface SmallDisk extends Disposable {
  /** Makes it so many MiB large. */
  grow(size: number): void;
  /** Takes all the room that is left, until `makeRoom`. */
  fill(): void;
  makeRoom(): void;
  /** Nothing on it may be open for writing. */
  setReadOnly(isReadOnly: boolean): void;
}

/** Mounts one of so many MiB at a folder, until it is disposed of. */
export function mountSmallDisk(folder: string, size: number): SmallDisk {
  const mount = (...args: string[]) => void execFileSync('mount', [...args, folder]);
  const filling = join(folder, 'filling');
  mkdirSync(folder, { recursive: true });
  mount('-t', 'tmpfs', '-o', `size=${size}m`, 'tmpfs');
  return {
    grow: (bigger) => mount('-o', `remount,size=${bigger}m`),
    fill() {
      // Written up to where it stops.
      const write = () => writeFileSync(filling, Buffer.alloc(size * 1024 * 1024), { flag: 'a' });
      try {
        write();
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      }
    },
    makeRoom: () => rmSync(filling),
    setReadOnly: (isReadOnly) => mount('-o', `remount,${isReadOnly ? 'ro' : 'rw'}`),
    [Symbol.dispose]: () => void execFileSync('umount', ['--lazy', folder]),
  };
}
