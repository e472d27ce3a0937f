import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Every file and folder below this one, as paths relative to it, sorted. Folders named in `except` stand in the list, but are not
 * looked into. What another process removes meanwhile is left out: a recursive `readdir` would throw.
 */
export function entriesUnder(folder: string, except: readonly string[] = []): string[] {
  const inside = entriesOf(folder).flatMap((entry) => {
    if (!entry.isDirectory() || except.includes(entry.name)) return [entry.name];
    const below = entriesUnder(join(folder, entry.name), except);
    return [entry.name, ...below.map((path) => join(entry.name, path))];
  });
  return inside.sort();
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
