import { createByteCache } from '../../byte-cache.ts';
import { SyncError } from '../../errors.ts';
import type { CommitId, ObjectId } from '../../ids.ts';
import { COMMIT_CACHE_BYTES } from '../../limits.ts';
import { type Commit, type ParsedCommit, parseCommit } from '../commit.ts';
import {
  type CertificateCache,
  type CertificateReader,
  createCertificateCache,
  createCertificateReader,
} from '../judge/certificate-reader.ts';
import type { CommitLinks } from '../repository/objects/commit-links.ts';
import type { Objects } from '../repository/repository.ts';
import { createTreeReader, type TreeReader } from '../tree/tree-reader.ts';

/** Typed reading of a conversation's objects, with what was read lately kept in bounded memory. */
export interface HistoryReader {
  /** For messages. */
  readonly path: string;
  readonly trees: TreeReader;
  readonly certificates: CertificateReader;
  /** Throws OBJECT_MISSING, OBJECT_CORRUPT; a commit that is whole but not of the format is a value. */
  parsed(id: CommitId): Promise<ParsedCommit>;
  /** As `parsed`, but throws OBJECT_CORRUPT for a malformed commit too. */
  commit(id: CommitId): Promise<Commit>;
  /** As `commit`, for who goes through a history and does not come back: not kept. */
  commitOnce(id: CommitId): Promise<Commit>;
  /** Where a commit leads that was read or written lately; reads nothing. */
  knownLinks(id: CommitId): CommitLinks | undefined;
  /** Spares the reading of a commit that was just written. */
  remember(commit: Commit): void;
  /** Makes sure that the file's content is there and whole. Throws OBJECT_MISSING, OBJECT_CORRUPT. */
  checkBlob(id: ObjectId): Promise<void>;
  /** Reads other objects. Shares what is known of certificates, but nothing that tells which objects are there. */
  over(objects: Objects): HistoryReader;
}

export function createHistoryReader(
  { path, objects }: { readonly path: string; readonly objects: Objects },
  certificateCache: CertificateCache = createCertificateCache(),
): HistoryReader {
  const commits = createByteCache<CommitId, ParsedCommit>(COMMIT_CACHE_BYTES, sizeOf);

  async function read(id: CommitId): Promise<ParsedCommit> {
    const { type, bytes } = await objects.read(id);
    if (type !== 'commit') throw corrupt(id, `it is a ${type} where a commit belongs`);
    return parseCommit(id, bytes);
  }

  async function parsed(id: CommitId): Promise<ParsedCommit> {
    const known = commits.get(id);
    if (known) return known;
    const fresh = await read(id);
    commits.set(id, fresh);
    return fresh;
  }

  function wellFormed(id: CommitId, parsed: ParsedCommit): Commit {
    if (parsed.outcome === 'malformed') throw corrupt(id, parsed.reason);
    return parsed.commit;
  }

  async function checkBlob(id: ObjectId): Promise<void> {
    const { type } = await objects.read(id);
    if (type !== 'blob') throw corrupt(id, `it is a ${type} where a file belongs`);
  }

  function corrupt(id: CommitId | ObjectId, detail: string): SyncError {
    return new SyncError('OBJECT_CORRUPT', { id, path, detail });
  }

  return {
    path,
    trees: createTreeReader(objects, path),
    certificates: createCertificateReader(objects, certificateCache),
    parsed,
    commit: async (id) => wellFormed(id, await parsed(id)),
    commitOnce: async (id) => wellFormed(id, commits.get(id) ?? (await read(id))),
    knownLinks(id) {
      const read = commits.get(id);
      if (read?.outcome !== 'parsed') return undefined;
      const { tree, parents, committer } = read.commit;
      return { tree, parents, committedAt: committer.seconds };
    },
    remember: (written) => commits.set(written.id, { outcome: 'parsed', commit: written }),
    checkBlob,
    over: (others) => createHistoryReader({ path, objects: others }, certificateCache),
  };
}

/** What a parsed commit weighs: its bytes, its text, and the objects around them. */
function sizeOf(read: ParsedCommit): number {
  return 512 + (read.outcome === 'parsed' ? 3 * read.commit.signedBytes.byteLength : 0);
}
