import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeDurably } from '../../durable-file-adapter.ts';
import { fileFailure } from '../../errors.ts';
import type { AnnouncedFile } from '../ports.ts';

type Named = Pick<AnnouncedFile, 'conversation' | 'fileId'>;

/** Where chunk lists outlive a restart: `<folder>/<conversation>/<fileId>`, nothing but the hashes in it. */
export interface ChunkListStore {
  /** Undefined when there is none that can be read. */
  read(file: Named): Promise<Uint8Array | undefined>;
  /** There whole or not at all. Throws DISK_FULL, FILE_FAILED. */
  write(file: Named, hashes: Uint8Array): Promise<void>;
  remove(file: Named): Promise<void>;
}

/** Not flushed: whoever reads a list checks it, and it can be made again. */
export function createChunkListStore(folder: string): ChunkListStore {
  const pathOf = ({ conversation, fileId }: Named) => join(folder, conversation, fileId);
  return {
    read: (file) => readFile(pathOf(file)).catch(() => undefined),
    async write(file, hashes) {
      const path = pathOf(file);
      const directory = dirname(path);
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        await writeDurably(path, hashes, { temporaryIn: directory, mode: 0o600, flush: false });
      } catch (error) {
        throw fileFailure(path, error);
      }
    },
    remove: (file) => rm(pathOf(file), { force: true }),
  };
}
