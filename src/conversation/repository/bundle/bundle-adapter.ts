import { type FileHandle, open } from 'node:fs/promises';
import { clauseOf, fileFailure, isSyncError, SyncError } from '../../../errors.ts';
import type { CommitId } from '../../../ids.ts';
import { BUNDLE_AT_ONCE_BYTES } from '../../../limits.ts';
import { accessFile } from '../file-access-adapter.ts';
import { createPauses } from '../housekeeping/pauses.ts';
import { createPackObjects, type PackObjects } from '../packs/pack-objects.ts';
import type { RandomAccess } from '../packs/random-access.ts';
import type { RepositoryReader } from '../repository.ts';
import { type BundleHeader, parseBundleHeader } from './bundle-header.ts';
import { indexBundledPack } from './bundle-index-adapter.ts';
import { indexBundleInThread } from './index-bundle-thread-adapter.ts';

const HEADER_BYTES = 1024 * 1024;
const PIECE_BYTES = 64 * 1024;

/**
 * Reads a git bundle where it lies; its index is made in memory. Throws SOURCE_UNREADABLE, FILE_FAILED, TIMED_OUT, the
 * signal's reason.
 */
export async function openBundle(
  path: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<RepositoryReader> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const { size } = await file.stat();
    const header = await readHeader(path, accessFile({ file, path, start: 0, size }));
    const { packAt } = header;
    const access = accessFile({ file, path, start: packAt, size: size - packAt });
    const packed = await indexInMemory(path, { packAt, access, signal });
    return bundleReader({ path, file, header, packed, access });
  } catch (error) {
    await file?.close();
    throw isSyncError(error) || signal.aborted ? error : fileFailure(path, error);
  }
}

interface OpenBundle {
  readonly path: string;
  readonly file: FileHandle;
  readonly header: BundleHeader;
  readonly packed: PackObjects;
  /** The pack in it. */
  readonly access: RandomAccess;
}

function bundleReader({ path, file, header, packed, access }: OpenBundle): RepositoryReader {
  const giveWay = createPauses();
  return {
    path,
    objects: {
      async read(id) {
        await giveWay();
        const object = await packed.find(id);
        if (object) return object;
        throw new SyncError('OBJECT_MISSING', { id, path });
      },
      has: async (id) => packed.has(id),
      stored: packed.stored,
      stretches: packed.stretches,
    },
    packs: () => [{ path, start: header.packAt, size: access.size, index: packed.index }],
    wholePack: () => allOf(access, path),
    head: async () => headOf(header),
    refs: async () => header.refs,
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/** In pieces. Throws FILE_FAILED. */
async function* allOf(access: RandomAccess, path: string): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < access.size; ) {
    const bytes = await access.at(at, PIECE_BYTES);
    if (bytes.byteLength === 0)
      throw new SyncError('FILE_FAILED', { path, detail: 'it has become shorter since it was opened' });
    yield bytes;
    at += bytes.byteLength;
  }
}

function headOf({ refs }: BundleHeader): CommitId | undefined {
  const named = (name: string) => refs.find((ref) => ref.name === name);
  return (named('refs/heads/main') ?? named('HEAD') ?? refs[0])?.id;
}

async function readHeader(path: string, access: RandomAccess): Promise<BundleHeader> {
  const unreadable = (detail: string, cause?: unknown) =>
    new SyncError('SOURCE_UNREADABLE', { path, detail }, { cause });
  const bytes = await access.at(0, HEADER_BYTES);
  let header: BundleHeader | undefined;
  try {
    header = parseBundleHeader(bytes);
  } catch (error) {
    throw isSyncError(error, 'MALFORMED') ? unreadable(error.data.detail, error) : error;
  }
  if (!header) throw unreadable(`the bundle is truncated within its header, after ${access.size} bytes`);
  if (header.refs.length === 0) throw unreadable('the bundle names no head');
  if (header.prerequisites.length > 0) {
    throw unreadable(
      'the bundle holds only a part of the history; make one of all of it with "git bundle create FILE --all"',
    );
  }
  return header;
}

/** A small one on the event loop: a thread takes longer to start than the work takes. */
async function indexInMemory(path: string, { packAt, access, signal }: FoundPack): Promise<PackObjects> {
  try {
    const isSmall = access.size <= BUNDLE_AT_ONCE_BYTES;
    const index = await (isSmall
      ? indexBundledPack({ path, packAt })
      : indexBundleInThread({ path, packAt }, { signal }));
    return createPackObjects({ access, index, path });
  } catch (error) {
    if (!isSyncError(error, 'MALFORMED') && !isSyncError(error, 'LIMIT_EXCEEDED')) throw error;
    const detail = isSyncError(error, 'MALFORMED')
      ? `in the bundle's ${error.data.what}, ${error.data.detail}`
      : clauseOf(error);
    throw new SyncError('SOURCE_UNREADABLE', { path, detail }, { cause: error });
  }
}

interface FoundPack {
  readonly packAt: number;
  readonly access: RandomAccess;
  readonly signal: AbortSignal;
}
