import { mkdirSync, watch } from 'node:fs';
import { fileFailure } from '../../../errors.ts';

/**
 * Tells of names in a folder that somebody wrote, removed or renamed; the folder is made if need be.
 * A hint only: the operating system may tell twice, late, or not at all, and then `undefined` stands for "anything".
 * Throws FILE_FAILED when the folder cannot be made or watched.
 */
export function watchFolder(path: string, onChange: (name: string | undefined) => void, signal: AbortSignal): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const watcher = watch(path, { signal, persistent: false }, (_, name) => onChange(name ?? undefined));
    // The folder itself may go; scans at the next start and before each fetch find out.
    watcher.on('error', () => watcher.close());
  } catch (error) {
    throw fileFailure(path, error);
  }
}
