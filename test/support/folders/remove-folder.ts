import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';

/** Again when somebody who is on its way out has put something into it meanwhile. */
const OPTIONS = { recursive: true, force: true, maxRetries: 20, retryDelay: 50 } as const;

/** With all that is in it; nothing when it is gone already. */
export function removeFolder(path: string): Promise<void> {
  return rm(path, OPTIONS);
}

export function removeFolderSync(path: string): void {
  rmSync(path, OPTIONS);
}
