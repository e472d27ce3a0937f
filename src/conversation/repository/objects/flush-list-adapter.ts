import { flushDirectory, flushFile } from '../../../durable-file-adapter.ts';
import { errorCodeOf } from '../../../error-code.ts';
import { inLanes } from './in-lanes.ts';

/** Files whose bytes, and directories whose names, may not be on the disk yet. */
export interface FlushList {
  addFile(path: string): void;
  addDirectory(path: string): void;
  /** Has all of them survive a power failure. Throws FILE_FAILED, or the file system's own error; then they stay on the list. */
  flush(): Promise<void>;
}

export function createFlushList(): FlushList {
  const files = new Set<string>();
  const directories = new Set<string>();
  return {
    addFile: (path) => files.add(path),
    addDirectory: (path) => directories.add(path),
    async flush() {
      const [oldFiles, oldDirectories] = [[...files], [...directories]];
      files.clear();
      directories.clear();
      try {
        await inLanes(oldFiles, flushPlaced);
        // All together, so that the file system makes them last with few writes of its own.
        await Promise.all(oldDirectories.map(flushDirectory));
      } catch (error) {
        for (const file of oldFiles) files.add(file);
        for (const directory of oldDirectories) directories.add(directory);
        throw error;
      }
    },
  };
}

/** One that is gone has been packed, and packs are flushed. */
async function flushPlaced(path: string): Promise<void> {
  await flushFile(path).catch((error: unknown) => {
    if (errorCodeOf(error) !== 'ENOENT') throw error;
  });
}
