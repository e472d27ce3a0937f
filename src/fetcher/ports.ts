/** What the fetcher needs of the outside. Adapters in this folder and in `engine/`. */
import type { AccountUri, CommitId, ConversationId, DeviceId, Digest, FileId } from '../ids.ts';
import type { FileAnnouncement } from '../projections/files.ts';
import type { ChunkLayout } from './chunks/chunk-layout.ts';

/** An announced file, as the log tells it, and the conversation whose log that is. */
export interface AnnouncedFile extends Omit<FileAnnouncement, 'device' | 'committedAt' | 'deletedOn'> {
  readonly conversation: ConversationId;
}

/** The log as an answerer asks it. Implemented by the engine over the projections. */
export interface LogView {
  hasConversation(conversation: ConversationId): boolean;
  /** Role admin or member in the conversation's present state, and the device not banned. */
  isActiveMember(conversation: ConversationId, account: AccountUri, device: DeviceId): boolean;
  /** 'unknown' when there is no such commit, 'not-a-file' when it announces none. */
  announcedFile(conversation: ConversationId, interaction: CommitId): AnnouncedFile | 'unknown' | 'not-a-file';
}

/** What a file is known by. */
export interface FileIdentity {
  readonly digest: Digest;
  /** The SHA-256 of every chunk, concatenated; present when a chunk size was given. */
  readonly hashes?: Uint8Array;
}

/**
 * The digest of a file that is still being written from its start: hashing follows the writer and never reads further
 * than it was told. Disposing it without `digest` stops what is under way.
 */
export interface FollowingDigest extends AsyncDisposable {
  /** The file's first `to` bytes are there and stay as they are. Never less than before. */
  advance(to: number): void;
  /** Of the bytes up to the last `advance`. Throws WORKER_FAILED, FILE_FAILED, and CANCELLED when it is disposed meanwhile. */
  digest(): Promise<Digest>;
}

export interface FollowOptions {
  /** The file's first `to` bytes are hashed. Told now and then, each time further; not after the digest is known. */
  onHashed?(to: number): void;
}

export interface IdentifyOptions {
  readonly signal: AbortSignal;
  /** In bytes: the chunks' hashes are wanted, too. */
  readonly chunkSize?: number;
  /** Told again and again how many bytes have been hashed, all of them in the end; an empty file has none to tell of. */
  readonly onHashed?: (bytes: number) => void;
}

/** SHA3-512 of files, off the event loop. */
export interface Digester extends AsyncDisposable {
  /** Hashing wants a core that those who bring the bytes want, too: the machine has too few for all. */
  readonly isContended: boolean;
  /** Reads a file once. Throws FILE_FAILED, WORKER_FAILED; aborts with the signal's reason. */
  identify(path: string, options: IdentifyOptions): Promise<FileIdentity>;
  /** The file is opened with the first `advance`, and may be renamed after it. */
  follow(path: string, options?: FollowOptions): FollowingDigest;
}

/** Chunks of a file, and the whole list of chunk hashes that they have to agree with. */
export interface ChunksToCheck {
  readonly totalSize: number;
  /** Of one chunk, in bytes. */
  readonly size: number;
  /** Concatenated: as many as the file has chunks. */
  readonly hashes: Uint8Array;
  /** Numbers, from 0. */
  readonly chunks: readonly number[];
}

/** Bytes of one chunk. They begin where the ones before them ended, or at the chunk's start, when it begins anew. */
export interface ChunkStretch {
  readonly position: number;
  /** Given away: their memory is used again. */
  readonly pieces: readonly Uint8Array[];
}

/** The way of one file's chunks to the disk. Disposing it waits for what was given before. */
export interface ChunkIntake extends AsyncDisposable {
  /**
   * Writes the bytes, in the order of the calls, and hashes them in the memory they came in. Resolves with the hash of the
   * chunk that they end. Throws DISK_FULL, FILE_FAILED, WORKER_FAILED; nothing is written any more after that.
   */
  write(stretch: ChunkStretch): Promise<Uint8Array | undefined>;
}

/** SHA-256 of chunks, off the event loop. All that reads throws FILE_FAILED, WORKER_FAILED, and the signal's reason. */
export interface ChunkChecker extends AsyncDisposable {
  /** The file has to be there. */
  takeIn(path: string, layout: ChunkLayout): ChunkIntake;
  /** The numbers of those chunks that do not have their hash; a chunk that the file ends in is one of them. */
  badChunks(path: string, chunks: ChunksToCheck, options: { signal: AbortSignal }): Promise<readonly number[]>;
  /** The hashes of all chunks of a file, concatenated. `size` in bytes. */
  hashesOf(path: string, options: { size: number; signal: AbortSignal }): Promise<Uint8Array>;
}

/** What tells that a file is still the one that was hashed. */
export interface FileStamp {
  readonly size: number;
  readonly mtimeMs: number;
  readonly inode: number;
}

/** What stands under a name on disk, links followed: nothing, a file, or something that is no file (a directory, a pipe). */
export type Standing = FileStamp | 'nothing' | 'no-file';

/** One conversation's folder of files. A path comes from nothing but a `FileId`. */
export interface FileStore {
  /** Where the complete file stands, or would. */
  pathOf(fileId: FileId): string;
  /** Of the complete file; undefined when nothing, or no regular file, stands under the name. Throws FILE_FAILED. */
  stamp(fileId: FileId): Promise<FileStamp | undefined>;
  /** The complete file, opened. Undefined as for `stamp`. Throws FILE_FAILED. */
  openForReading(fileId: FileId): Promise<ReadableFile | undefined>;
  /** Bytes in the temporary file; undefined when there is none. Throws FILE_FAILED. */
  partialSize(fileId: FileId): Promise<number | undefined>;
  /** The temporary file, with what it holds; made when there is none. One opener at a time. Throws FILE_FAILED, DISK_FULL. */
  openPartial(fileId: FileId): Promise<PartialFile>;
  /** Takes away what stands under the name, and the temporary file. False when there was neither. Throws FILE_FAILED. */
  remove(fileId: FileId): Promise<boolean>;
  /** Takes away the temporary file. False when there was none. Throws FILE_FAILED. */
  removePartial(fileId: FileId): Promise<boolean>;
  /** Takes a local file in, to be placed once it is announced. Throws FILE_FAILED, DISK_FULL. */
  stage(path: string, options: StageOptions): Promise<StagedFile>;
  /** Files that were staged and never placed, by transfer id. Throws FILE_FAILED when nobody can look. */
  staged(): Promise<ReadonlyMap<string, StagedFile>>;
}

export interface StageOptions {
  /** The transfer id the file is going to be announced with. */
  readonly tid: string;
  /** Fired, nothing of the file stays. */
  readonly signal: AbortSignal;
  /** Told, now and then, how much was copied of a file that cannot be linked. */
  readonly onCopied: (bytes: number, totalSize: number) => void;
}

/** A file that is in the folder, but not under its name yet. */
export interface StagedFile {
  readonly path: string;
  /** Throws FILE_FAILED. */
  stamp(): Promise<FileStamp>;
  /** Gives it its name, replacing what stands there. Throws FILE_FAILED, DISK_FULL. */
  place(fileId: FileId): Promise<FileStamp>;
  discard(): Promise<void>;
}

export interface ReadableFile extends AsyncDisposable {
  /** Of the very file that is open, whatever happens to its name. */
  readonly stamp: FileStamp;
  /** Fills all buffers, in order, from `position` on. Throws FILE_FAILED, also when the file ends before that. */
  read(buffers: readonly Uint8Array[], position: number): Promise<void>;
}

/** A file on its way: `<fileId>.tmp`. Disposing keeps it for a later resume. */
export interface PartialFile extends AsyncDisposable {
  readonly path: string;
  /** Where its last byte ends. Before that there may be gaps, which read as zeros. */
  size(): number;
  /**
   * Writes the buffers one after the other from `position` on. Throws DISK_FULL, FILE_FAILED; what was written before
   * then is kept.
   */
  write(buffers: readonly Uint8Array[], position: number): Promise<void>;
  /**
   * Fills all buffers, in order, from `position` on; false when the file is closed, as it is once it has its name.
   * Throws FILE_FAILED.
   */
  read(buffers: readonly Uint8Array[], position: number): Promise<boolean>;
  /** Resolves when all that was written before the call survives a power failure. */
  flush(): Promise<void>;
  truncate(size: number): Promise<void>;
  /** Flushes, then renames to the file's name, replacing what stands there. The partial file is closed by it. */
  promote(): Promise<FileStamp>;
  /** Throws the bytes away. The partial file is closed by it. */
  discard(): Promise<void>;
}

/** A whole small file, to be given its name once its digest is right. */
export interface FileToPlace {
  /** Of the complete file; the temporary one stands beside it as `<path>.tmp`. */
  readonly path: string;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

export type Placement =
  | { readonly outcome: 'placed'; readonly stamp: FileStamp }
  /** Nothing was written. */
  | { readonly outcome: 'wrong-digest' }
  | { readonly outcome: 'failed'; readonly isDiskFull: boolean; readonly detail: string };

export interface WholeFile {
  readonly stamp: FileStamp;
  readonly bytes: Uint8Array;
}

/** The disk for many files at a time, off the event loop. All throw WORKER_FAILED. */
export interface BatchDisk extends AsyncDisposable {
  /** In the order given. Throws FILE_FAILED for a path that may not be looked at. */
  look(paths: readonly string[]): Promise<readonly Standing[]>;
  /** In the order given; undefined for what is not there, cannot be read, is no regular file, or is longer than `SMALL_FILE_BYTES`. */
  read(paths: readonly string[]): Promise<readonly (WholeFile | undefined)[]>;
  /** In the order given. What is placed survives a power failure when this resolves. */
  place(files: readonly FileToPlace[]): Promise<readonly Placement[]>;
}
