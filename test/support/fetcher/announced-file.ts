/** Files with known bytes, and what the log would say of them. */
import { createHash } from 'node:crypto';
import type { Chunks } from '../../../src/events/chunks.ts';
import { chunkRootOf } from '../../../src/fetcher/chunks/chunk-list.ts';
import type { AnnouncedFile } from '../../../src/fetcher/ports.ts';
import { AccountUri, CommitId, ConversationId, Digest, FileId } from '../../../src/ids.ts';

export function sha3Of(bytes: Uint8Array): Digest {
  return Digest.parse(createHash('sha3-512').update(bytes).digest('hex'));
}

/** The SHA-256 of each chunk, concatenated. */
export function sha256OfChunks(bytes: Uint8Array, size: number): Buffer {
  const hashes: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    hashes.push(
      createHash('sha256')
        .update(bytes.subarray(at, at + size))
        .digest(),
    );
  }
  return Buffer.concat(hashes);
}

/** Bytes that look alike nowhere, the same for the same seed. */
export function someBytes(length: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = seed * 2_654_435_761 + 1;
  for (let at = 0; at < words.length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    words[at] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}

export interface AnnouncedBytes {
  readonly file: AnnouncedFile;
  readonly bytes: Uint8Array;
}

/** The announcement of a file with these bytes, as number `tid` of one made-up conversation. */
export function announcedFile(bytes: Uint8Array, tid = 7): AnnouncedFile {
  const interaction = CommitId.parse(tid.toString(16).padStart(40, 'e'));
  return {
    conversation: ConversationId.parse('c'.repeat(40)),
    interaction,
    fileId: FileId.parse(`${interaction}_${tid}.bin`),
    displayName: `file ${tid}.bin`,
    totalSize: bytes.length,
    digest: sha3Of(bytes),
    author: AccountUri.parse('a'.repeat(40)),
    isDeleted: false,
  };
}

/** The same announcement with chunks. */
export function inChunks(file: AnnouncedFile, bytes: Uint8Array, size: number): AnnouncedFile & { chunks: Chunks } {
  const root = chunkRootOf(file.totalSize, size, sha256OfChunks(bytes, size));
  return { ...file, chunks: { size, root } };
}
