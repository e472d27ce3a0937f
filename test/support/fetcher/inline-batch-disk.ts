import { lookAt } from '../../../src/fetcher/disk/look-adapter.ts';
import type { BatchDisk } from '../../../src/fetcher/ports.ts';
import { placeWholeFiles, readWholeFiles } from '../../../src/fetcher/small/batch-files-adapter.ts';

/** The disk for many files without a thread. */
export const inlineBatchDisk: BatchDisk = {
  look: async (paths) => lookAt(paths),
  read: async (paths) => readWholeFiles(paths),
  place: placeWholeFiles,
  [Symbol.asyncDispose]: async () => {},
};
