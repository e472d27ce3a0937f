import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { setImmediate as breathe } from 'node:timers/promises';
import { crc32, deflateSync } from 'node:zlib';
import { fileFailure } from '../../../errors.ts';
import { ID_BYTES } from '../../../id-bytes.ts';
import { PACK_BYTES, PACK_INFLATED_BYTES, PACK_OBJECTS, PACK_RATIO, PACK_WORK_BYTES } from '../../../limits.ts';
import { accessFile } from '../file-access-adapter.ts';
import type { IndexPackOptions } from '../packs/index-pack.ts';
import { type IndexedPack, indexPack, type Place } from '../packs/index-pack.ts';
import { formatEntryHeader } from '../packs/pack-entry.ts';
import { formatPackIndex } from '../packs/pack-index.ts';
import { PACK_HEADER_BYTES } from '../packs/packed-object.ts';
import { writeIndex } from '../quarantine-adapter.ts';
import type { GitObject, Objects } from '../repository.ts';

const LIMITS = {
  packBytes: PACK_BYTES,
  inflatedBytes: PACK_INFLATED_BYTES,
  ratio: PACK_RATIO,
  objects: PACK_OBJECTS,
  workBytes: PACK_WORK_BYTES,
};

export interface ReceivePack extends Pick<IndexPackOptions, 'onWhole'> {
  /** Where the pack is written to; nothing is there yet. */
  readonly path: string;
  /** Where its index is written to; nowhere unless given. */
  readonly indexPath?: string;
  /** Bases of a thin pack. */
  readonly own: Pick<Objects, 'has' | 'read'>;
  readonly signal: AbortSignal;
}

/** A pack that is in its file, whole and flushed, as its index is. */
export interface ReceivedPack {
  /** The bytes of its index. */
  readonly index: Uint8Array;
  readonly checksum: Uint8Array;
  /** Of the file. */
  readonly size: number;
  readonly objects: number;
  /** Of its commits, 20 bytes each. */
  readonly commitIds: Uint8Array;
}

/**
 * Writes a pack to its file and indexes it while it arrives, in bounded memory; a thin one is completed.
 * Throws MALFORMED, LIMIT_EXCEEDED, DISK_FULL, FILE_FAILED, what the sender of the chunks throws, and the signal's reason.
 */
export async function receivePack(chunks: AsyncIterable<Uint8Array>, receive: ReceivePack): Promise<ReceivedPack> {
  const { path, indexPath, own, signal, onWhole } = receive;
  try {
    await using file = await open(path, 'wx+', 0o444);
    const writer = new QuarantineFile(file, path);
    const indexed = await indexPack(writer.tee(chunks), {
      limits: LIMITS,
      access: async () => accessFile({ file, path, start: 0, size: writer.size }),
      thin: {
        find: async (id) => ((await own.has(id)) ? await own.read(id) : undefined),
        append: (object) => writer.append(object),
      },
      onWhole,
      breathe: () => breathe(),
      signal,
    });
    const checksum = await writer.complete(indexed);
    const index = formatPackIndex(indexed.entries, checksum);
    await Promise.all([file.sync(), indexPath !== undefined && writeIndex(indexPath, index)]);
    return {
      index,
      checksum,
      size: writer.size,
      objects: indexed.entries.length,
      commitIds: Buffer.from(indexed.commitIds.join(''), 'hex'),
    };
  } catch (error) {
    // The signal's reason and what the sender of the chunks throws pass as they are.
    throw isFileError(error) ? fileFailure(path, error) : error;
  }
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
