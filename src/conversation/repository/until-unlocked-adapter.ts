import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { REF_LOCK_LOOK_MS, REF_LOCK_WAIT_MS } from '../../limits.ts';

/** Resolves when nobody holds git's lock of the reference, or when it has been held so long that whoever did may be dead. */
export async function untilUnlocked(gitDirectory: string, ref: string, signal: AbortSignal): Promise<void> {
  const lockPath = `${join(gitDirectory, ref)}.lock`;
  const end = performance.now() + REF_LOCK_WAIT_MS;
  while (statSync(lockPath, { throwIfNoEntry: false }) && performance.now() < end)
    await wait(REF_LOCK_LOOK_MS, undefined, { signal });
}
