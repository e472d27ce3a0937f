/**
 * What a conversation needs of git: objects by id, one branch, packs in and out. Implemented in this folder, tested by
 * one contract.
 */
import type { CommitId, ObjectId } from '../../ids.ts';
import type { PackIndex } from './packs/pack-index.ts';
import type { PackWatch } from './receive/arrival.ts';

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

export interface GitObject {
  readonly type: ObjectType;
  readonly bytes: Uint8Array;
}

/** An object as it lies in a pack: deflated, and perhaps a delta. Its bytes are those that were written, and not looked into. */
export interface StoredObject {
  /** What it is stored as; the id of the base when it is a delta. */
  readonly form: { readonly type: ObjectType } | { readonly base: ObjectId };
  /** Of the bytes after inflating. */
  readonly size: number;
  readonly deflated: Uint8Array;
}

/** Objects that lie whole in a pack, one behind the other. Their bytes are those that were written, and not looked into. */
export interface StoredStretch {
  /** The entries as they lie there, headers included. */
  readonly bytes: Uint8Array;
  readonly entries: readonly StoredEntry[];
}

export interface StoredEntry {
  readonly id: ObjectId | CommitId;
  /** CRC-32 over the entry. */
  readonly crc: number;
  /** Where in the bytes of the stretch it ends. */
  readonly end: number;
}

/** Objects by id. What is read has been checked against its id. */
export interface Objects {
  /** Throws OBJECT_MISSING or OBJECT_CORRUPT. */
  read(id: ObjectId | CommitId): Promise<GitObject>;
  has(id: ObjectId | CommitId): Promise<boolean>;
  /** For passing an object on as it is; undefined where it does not lie in a pack, and absent where there are none. */
  stored?(id: ObjectId | CommitId): Promise<StoredObject | undefined>;
  /** The same of several, as far as they are no deltas: in the order in which they lie, and perhaps not all that could be. */
  stretches?(ids: readonly (ObjectId | CommitId)[]): Promise<readonly StoredStretch[]>;
}

export interface Ref {
  readonly name: string;
  readonly id: CommitId;
}

/** A pack as it lies in a file, for threads that read it by themselves. */
export interface PackPlace {
  readonly path: string;
  /** Where the pack begins in the file: not at 0 in a bundle. */
  readonly start: number;
  readonly size: number;
  readonly index: PackIndex;
}

/** A repository that is only read: any SOURCE a person can name. */
export interface RepositoryReader extends AsyncDisposable {
  /** The path a person gave or the directory it lives in, for messages. */
  readonly path: string;
  readonly objects: Objects;
  /**
   * Those whose objects `objects` reads, the first one first that is looked into; absent when there are none.
   * @internal
   */
  packs?(): readonly PackPlace[];
  /**
   * Everything the references lead to as one pack, byte by byte as it lies there; absent where it does not lie in one.
   * Its deltas may name their bases by distance.
   * @internal
   */
  wholePack?(): AsyncIterable<Uint8Array>;
  /** What `HEAD` (or `refs/heads/main`) points to; undefined when there is no commit yet. */
  head(): Promise<CommitId | undefined>;
  refs(): Promise<readonly Ref[]>;
}

/** A commit of our own that is being signed, and the objects that it brings along. */
export interface Unsigned {
  /** The head that it goes on from. */
  readonly from: CommitId;
  /** In the order to write them; the commit, without its signature, comes last. */
  readonly objects: readonly GitObject[];
  readonly signed: Promise<Signed>;
}

export interface Signed {
  readonly to: CommitId;
  readonly commit: GitObject;
}

export interface StagingOptions {
  readonly signal: AbortSignal;
  /** Told of what comes while it comes; of a small pack nothing. */
  readonly watch?: PackWatch;
}

/** Objects of a received pack that are readable beside the repository's own, but not part of it yet. */
export interface StagedPack extends AsyncDisposable {
  /** The staged objects first, then the repository's. */
  readonly objects: Objects;
  /** Where the staged objects lie, without the repository's own; absent when they are in no file. */
  packs?(): readonly PackPlace[];
  readonly commitIds: readonly CommitId[];
  /** Flushes the pack and its index and renames them into place. Disposing without it throws the pack away. */
  keep(): Promise<void>;
}

/** A conversation's own repository: `refs/heads/main` and nothing else is ours to move. */
export interface Repository extends RepositoryReader {
  /**
   * Writes one object durably (temporary file, flush, rename); returns its id. Its name lasts once the head has moved.
   * Writing twice is writing once.
   */
  write(type: ObjectType, bytes: Uint8Array): Promise<ObjectId>;
  /** As `write` for each, flushed at the same time. None comes into place before those in front of it; all do, or it throws. */
  writeAll(objects: readonly GitObject[]): Promise<void>;
  /**
   * Writes the objects and moves the head from one commit to the other, both or none, which lasts once it resolves. As much is written
   * down for it in one place as a device needs after a power failure to do it again. Throws as `moveHead`, and DISK_FULL, FILE_FAILED.
   */
  append(objects: readonly GitObject[], move: { readonly from: CommitId; readonly to: CommitId }): Promise<void>;
  /**
   * As `append`, but begun while the commit is being signed: it is written down without its signature meanwhile. Who
   * opens the repository after a power failure makes the same signature once more. Throws what `signed` throws as well;
   * then nothing has been appended.
   */
  appendUnsigned(unsigned: Unsigned): Promise<void>;
  /** Moves `refs/heads/main`. `from` is the head it was decided on; throws REF_CONFLICT when it is another by now. */
  moveHead(move: { readonly from: CommitId | undefined; readonly to: CommitId }): Promise<void>;
  /**
   * Makes the work tree look like the head, unless it does. The work tree is for people; nothing reads it back. Throws
   * DISK_FULL, FILE_FAILED.
   */
  checkOut(): Promise<void>;
  /**
   * Takes a pack in while it arrives, in bounded memory; checks every object against the limits and its id. Throws
   * MALFORMED, LIMIT_EXCEEDED, OBJECT_CORRUPT.
   */
  stagePack(pack: AsyncIterable<Uint8Array>, options: StagingOptions): Promise<StagedPack>;
}
