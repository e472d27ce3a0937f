import type { BatchDisk } from '../../src/fetcher/ports.ts';
import { placeWholeFiles, readWholeFiles } from '../../src/fetcher/small/batch-files-adapter.ts';

/** The disk for small files without a thread. */
export const inlineBatchDisk: BatchDisk = {
  read: async (paths) => readWholeFiles(paths),
  place: placeWholeFiles,
  [Symbol.asyncDispose]: async () => {},
};
