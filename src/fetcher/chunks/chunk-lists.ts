import { type ByteCache, createByteCache } from '../../byte-cache.ts';
import { CHUNK_HASH_BYTES } from '../../events/chunk-construction.ts';
import { CHUNK_LISTS_BYTES } from '../../limits.ts';
import { orAborted } from '../../or-aborted.ts';
import { type FileKey, fileKey } from '../file-key.ts';
import type { AnnouncedFile, ChunkChecker } from '../ports.ts';
import { isChunkListOf } from './chunk-list.ts';
import type { ChunkListStore } from './chunk-list-store-adapter.ts';

/** What tells a file and its chunks. */
export type ListedFile = Pick<AnnouncedFile, 'conversation' | 'fileId' | 'totalSize' | 'chunks'>;

/**
 * The chunk lists of announced files. A list that was kept is only a cache: it is believed when its root is the
 * announced one, and made again from the file otherwise.
 */
export interface ChunkLists {
  /** A list that was kept, whether or not the file is here. */
  kept(file: ListedFile): Promise<Uint8Array | undefined>;
  /**
   * The list of a file that is complete here, hashed from it if need be, once for all who ask. Undefined when the file
   * was announced without chunks, or with a root that is not its own: it is served as a file without chunks then.
   * Throws FILE_FAILED, WORKER_FAILED, and the signal's reason.
   */
  of(file: ListedFile, options: { signal: AbortSignal }): Promise<Uint8Array | undefined>;
  /** Keeps a list from elsewhere: of the file when it was announced, or from a source. One with another root is not kept. */
  keep(file: ListedFile, hashes: Uint8Array): Promise<void>;
  forget(file: ListedFile): Promise<void>;
}

export interface ChunkListsOptions {
  readonly store: ChunkListStore;
  readonly checker: ChunkChecker;
  /** Where the complete file stands. */
  pathOf(file: ListedFile): string;
}

/** What hashing a file for its list comes to. The second is remembered, so that it is not hashed whenever somebody asks. */
type Verdict = Uint8Array | 'has another root';

export function createChunkLists({ store, checker, pathOf }: ChunkListsOptions): ChunkLists {
  const verdicts: ByteCache<FileKey, Verdict> = createByteCache(CHUNK_LISTS_BYTES, sizeOf);
  const hashing = new Map<FileKey, Promise<Verdict>>();

  async function kept(file: ListedFile): Promise<Uint8Array | undefined> {
    const known = verdicts.get(fileKey(file));
    const list = known instanceof Uint8Array ? known : await store.read(file);
    if (!list || !belongs(file, list)) return undefined;
    verdicts.set(fileKey(file), list);
    return list;
  }

  async function keep(file: ListedFile, hashes: Uint8Array): Promise<void> {
    if (!belongs(file, hashes)) return;
    verdicts.set(fileKey(file), hashes);
    // On a full disk the list is in memory all the same, and after a restart it is made again.
    await store.write(file, hashes).catch(() => {});
  }

  async function hash(file: ListedFile, size: number): Promise<Verdict> {
    // A list that others wait for is not aborted with the one who asked first; it ends with the checker.
    const { signal } = new AbortController();
    const found = await checker.hashesOf(pathOf(file), { size, signal });
    await keep(file, found);
    if (belongs(file, found)) return found;
    verdicts.set(fileKey(file), 'has another root');
    return 'has another root';
  }

  function hashOnce(file: ListedFile, size: number): Promise<Verdict> {
    const key = fileKey(file);
    const running = hashing.get(key) ?? hash(file, size).finally(() => hashing.delete(key));
    hashing.set(key, running);
    return running;
  }

  return {
    kept,
    keep,
    async of(file, asking) {
      if (!file.chunks) return undefined;
      const verdict =
        verdicts.get(fileKey(file)) ??
        (await kept(file)) ??
        (await orAborted(hashOnce(file, file.chunks.size), asking.signal));
      return verdict instanceof Uint8Array ? verdict : undefined;
    },
    async forget(file) {
      verdicts.delete(fileKey(file));
      await store.remove(file);
    },
  };
}

function belongs({ totalSize, chunks }: ListedFile, list: Uint8Array): boolean {
  return chunks !== undefined && isChunkListOf(totalSize, chunks, list);
}

/** Bytes, so that verdicts without a list take room as well. */
function sizeOf(verdict: Verdict): number {
  return verdict instanceof Uint8Array ? verdict.length : CHUNK_HASH_BYTES;
}
