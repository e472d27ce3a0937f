import { createChunkListStore } from '../../../fetcher/chunks/chunk-list-store-adapter.ts';
import { type ChunkListsOptions, createChunkLists } from '../../../fetcher/chunks/chunk-lists.ts';
import { createWorkerChunkChecker } from '../../../fetcher/chunks/worker-chunk-checker-adapter.ts';
import { createFileStore } from '../../../fetcher/disk/file-store-adapter.ts';
import type { EngineParts } from '../../engine-parts.ts';
import type { Home } from '../../home/home-adapter.ts';

/** What an engine checks chunks with. The checker is the caller's to close. */
export function createChunkParts(home: Home): Pick<EngineParts, 'checker' | 'chunkLists'> {
  const checker = createWorkerChunkChecker();
  const pathOf: ChunkListsOptions['pathOf'] = ({ conversation, fileId }) =>
    createFileStore(home.dataDirectory(conversation)).pathOf(fileId);
  const store = createChunkListStore(home.chunkListsDirectory);
  return { checker, chunkLists: createChunkLists({ store, checker, pathOf }) };
}
