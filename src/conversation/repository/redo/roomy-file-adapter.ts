/** A file that has room ahead of what is written, so that a flush writes blocks and none of what the file system knows of it. */
import { closeSync, fdatasync, fsync, openSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { createFile, flushDirectory } from '../../../durable-file-adapter.ts';
import { fileFailure } from '../../../errors.ts';

export interface RoomyFile {
  /** Makes sure that there is room up to there, now or when the file is made; false when there cannot be. */
  hasRoom(upTo: number): Promise<boolean>;
  /** Where there is room. Throws the file system's own error. */
  write(bytes: Uint8Array, at: number): void;
  /** The same, for good; makes the file if need be. */
  writeDown(bytes: Uint8Array, at: number): Promise<void>;
  isThere(): boolean;
  close(): void;
}

export interface RoomyFileOptions {
  /** The size that the file has at first; it doubles when it is full. */
  readonly firstBytes: number;
  readonly mostBytes: number;
}

const sync = promisify(fsync);
const datasync = promisify(fdatasync);

/** Whatever stands at the path is replaced as soon as something is written. */
export function openRoomyFile(path: string, { firstBytes, mostBytes }: RoomyFileOptions): RoomyFile {
  let file: number | undefined;
  let size = 0;

  /** The first size in which so many bytes have room. */
  function sizeFor(bytes: number): number {
    let fitting = firstBytes;
    while (fitting < bytes) fitting *= 2;
    return Math.min(fitting, mostBytes);
  }

  function write(bytes: Uint8Array, at: number): void {
    if (file !== undefined) writeAt(file, bytes, at);
  }

  return {
    async hasRoom(upTo) {
      if (upTo <= size || upTo > mostBytes) return upTo <= mostBytes;
      const grown = sizeFor(upTo);
      if (file === undefined) {
        size = grown;
        return true;
      }
      try {
        writeAt(file, new Uint8Array(grown - size), size);
        await sync(file);
        size = grown;
        return true;
      } catch {
        // On a full disk there is as much room as before.
        return false;
      }
    },
    write,
    async writeDown(bytes, at) {
      file ??= await create(path, size);
      write(bytes, at);
      await datasync(file);
    },
    isThere: () => file !== undefined,
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/** Throws FILE_FAILED. */
export async function removeRoomyFile(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw fileFailure(path, error);
  }
}

/** Its blocks are written once, so that none has to be found for what is written later. */
async function create(path: string, size: number): Promise<number> {
  await removeRoomyFile(path);
  const made = await createFile(path);
  try {
    await made.fill(new Uint8Array(size));
    await made.flush();
    await flushDirectory(dirname(path));
    return openSync(path, 'r+');
  } catch (error) {
    await rm(path, { force: true }).catch(() => {});
    throw error;
  } finally {
    made.close();
  }
}

function writeAt(file: number, bytes: Uint8Array, at: number): void {
  for (let written = 0; written < bytes.byteLength; )
    written += writeSync(file, bytes, written, bytes.byteLength - written, at + written);
}
