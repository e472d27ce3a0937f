import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { setImmediate as breathe } from 'node:timers/promises';
import { crc32, deflateSync } from 'node:zlib';
import { fileFailure } from '../../errors.ts';
import { PACK_BYTES, PACK_INFLATED_BYTES, PACK_OBJECTS, PACK_WORK_BYTES } from '../../limits.ts';
import { accessFile } from './file-access-adapter.ts';
import { type IndexedPack, indexPack, type Place } from './index-pack.ts';
import { ID_BYTES } from './object-id.ts';
import { formatEntryHeader } from './pack-entry.ts';
import { formatPackIndex } from './pack-index.ts';
import { createPackObjects } from './pack-objects.ts';
import { PACK_HEADER_BYTES } from './packed-object.ts';
import { openQuarantine, type Quarantine } from './quarantine-adapter.ts';
import type { GitObject, Objects, StagedPack } from './repository.ts';

const LIMITS = {
  packBytes: PACK_BYTES,
  inflatedBytes: PACK_INFLATED_BYTES,
  objects: PACK_OBJECTS,
  workBytes: PACK_WORK_BYTES,
};

export interface StagePackOptions {
  readonly objectsDirectory: string;
  /** The repository's own objects: bases of a thin pack, and what the staged objects refer to. */
  readonly own: Objects;
  readonly signal: AbortSignal;
  /** Called when the pack has come into place. */
  readonly onKept: () => Promise<void>;
}

/**
 * Takes a pack into `objects/incoming-<random>/`, where nobody else looks, and indexes it while it arrives.
 * Whatever goes wrong, the quarantine is removed. Throws MALFORMED, LIMIT_EXCEEDED, DISK_FULL, FILE_FAILED.
 */
export async function stagePack(chunks: AsyncIterable<Uint8Array>, options: StagePackOptions): Promise<StagedPack> {
  let quarantine: Quarantine | undefined;
  let file: FileHandle | undefined;
  async function dispose(): Promise<void> {
    await file?.close();
    file = undefined;
    await quarantine?.[Symbol.asyncDispose]();
  }
  try {
    quarantine = await openQuarantine(options.objectsDirectory);
    const { packPath } = quarantine;
    file = await open(packPath, 'wx+', 0o444);
    const writer = new QuarantineFile(file, packPath);
    const indexed = await indexPack(writer.tee(chunks), {
      limits: LIMITS,
      access: async () => accessFile({ file: writer.file, path: packPath, start: 0, size: writer.size }),
      thin: {
        find: async (id) => ((await options.own.has(id)) ? await options.own.read(id) : undefined),
        append: (object) => writer.append(object),
      },
      breathe: () => breathe(),
      signal: options.signal,
    });
    const checksum = await writer.complete(indexed);
    return stagedPack({ ...options, quarantine, file, indexed, checksum, size: writer.size, dispose });
  } catch (error) {
    await dispose();
    // The signal's reason and what the sender of the chunks throws pass as they are.
    throw isFileError(error) ? fileFailure(options.objectsDirectory, error) : error;
  }
}

interface Staged extends StagePackOptions {
  readonly quarantine: Quarantine;
  readonly file: FileHandle;
  readonly indexed: IndexedPack;
  readonly checksum: Buffer;
  readonly size: number;
  readonly dispose: () => Promise<void>;
}

function stagedPack(staged: Staged): StagedPack {
  const { quarantine, file, indexed, checksum, own } = staged;
  const { packPath } = quarantine;
  const index = formatPackIndex(indexed.entries, checksum);
  const access = accessFile({ file, path: packPath, start: 0, size: staged.size });
  const packed = createPackObjects({ index, access, path: packPath });
  return {
    commitIds: indexed.commitIds,
    objects: {
      read: async (id) => (await packed.find(id)) ?? own.read(id),
      has: async (id) => packed.has(id) || own.has(id),
    },
    async keep() {
      try {
        if (indexed.entries.length > 0) {
          await file.sync();
          await quarantine.release({ index, checksum });
          await staged.onKept();
        }
      } catch (error) {
        throw fileFailure(packPath, error);
      } finally {
        await staged.dispose();
      }
    },
    [Symbol.asyncDispose]: staged.dispose,
  };
}

/** The pack file while it grows: written at its end, read anywhere. */
class QuarantineFile {
  readonly file: FileHandle;
  readonly #path: string;
  size = 0;
  #appended = 0;

  constructor(file: FileHandle, path: string) {
    this.file = file;
    this.#path = path;
  }

  /** Passes the chunks on once they are written. */
  async *tee(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of chunks) {
      await this.#write(chunk);
      yield chunk;
    }
  }

  /** The first appended object takes the place of the checksum, which `complete` writes anew. */
  async append({ type, bytes }: GitObject): Promise<Place> {
    if (this.#appended === 0) this.size -= ID_BYTES;
    this.#appended += 1;
    const entry = Buffer.concat([formatEntryHeader(type, bytes.byteLength), deflateSync(bytes, { level: 1 })]);
    const place = { offset: this.size, crc: crc32(entry) };
    await this.#write(entry);
    return place;
  }

  /** The checksum of the finished pack. When bases were appended, its header and checksum are made to fit. */
  async complete({ entries, checksum }: IndexedPack): Promise<Buffer> {
    if (this.#appended === 0) return Buffer.from(checksum);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(entries.length);
    await this.file.write(count, 0, count.byteLength, PACK_HEADER_BYTES - count.byteLength);
    await this.file.truncate(this.size);
    const hash = createHash('sha1');
    const access = accessFile({ file: this.file, path: this.#path, start: 0, size: this.size });
    for (let at = 0; at < this.size; ) {
      const bytes = await access.at(at, 65_536);
      hash.update(bytes);
      at += bytes.byteLength;
    }
    const renewed = hash.digest();
    await this.#write(renewed);
    return renewed;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.byteLength; ) {
      const at = this.size + written;
      written += (await this.file.write(bytes, written, bytes.byteLength - written, at)).bytesWritten;
    }
    this.size += bytes.byteLength;
  }
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.name !== 'SyncError';
}
