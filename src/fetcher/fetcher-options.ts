import type { JournalRecord } from '../events/journal-record.ts';
import type { ConversationId, DeviceId } from '../ids.ts';
import type { Channel, Clock, PeerIdentity } from '../ports.ts';
import type { FileRecord } from '../projections/journal/file-record.ts';
import type { AssemblyProgress } from './assembly/assembly.ts';
import type { ChunkLists } from './chunks/chunk-lists.ts';
import type { KnownFile } from './disk/scan.ts';
import type { Pace } from './pace/pace.ts';
import type { AnnouncedFile, BatchDisk, ChunkChecker, Digester, FileStore, LogView } from './ports.ts';
import type { Ranges } from './ranges.ts';

/** What a fetcher is built from. The engine gives it its log, its journal and its net. */
export interface FetcherOptions {
  readonly self: PeerIdentity;
  readonly log: LogView;
  readonly digester: Digester;
  readonly checker: ChunkChecker;
  readonly chunkLists: ChunkLists;
  readonly batchDisk: BatchDisk;
  readonly clock: Clock;
  /** Ends the fetcher, as `close` does. */
  readonly signal: AbortSignal;
  storeOf(conversation: ConversationId): FileStore;
  /** Appends to the journal. Records come in order, one call at a time. */
  record(...records: readonly JournalRecord[]): Promise<void>;
  /** Holds back the bytes of files that move in one direction. */
  paceOf(direction: Direction, conversation: ConversationId): Pace;
  /** What the journal knows of the file that stands under the name: how it looked, and whether it was the right one. */
  knownFile(file: AnnouncedFile): KnownFile | undefined;
  /** What the journal knows of the file's temporary file: the bytes that are flushed and agree with the chunk root. */
  checkedBytes(file: AnnouncedFile): Ranges;
  /** The user's latest word on the file. */
  wishOf(file: AnnouncedFile): FileRecord['wish'];
  openChannel(device: DeviceId, name: string, options: { signal: AbortSignal }): Promise<Channel>;
  /** Tells a device something on its `msg:` channel. */
  sendMessage(device: DeviceId, type: string, content: object): Promise<void>;
  onProgress(progress: SubTransferProgress): void;
  /** Told of files in chunks that are received, beside what each source's share is told of. */
  onFileProgress(progress: FileProgress): void;
  /** Told of files in chunks that are served, beside what has left from here. */
  onTold(progress: ToldProgress): void;
  /** Failures of this machine in work that nobody waits for: an own file that cannot be read, a journal that cannot be written. */
  onFailed(error: unknown): void;
}

export type Direction = 'receiving' | 'serving';

/** How far one device's share of a transfer is. At most ten a second each, never backwards. */
export interface SubTransferProgress {
  readonly file: AnnouncedFile;
  readonly peer: DeviceId;
  readonly direction: Direction;
  /**
   * Of `file.totalSize`. Of a file in chunks that is received, those that this device sent; of one that is served, those
   * that the device had when it asked, and those that have left since.
   */
  readonly bytes: number;
}

/** How far a device is with a file in chunks, by its own word, whoever sends it. In bytes; otherwise as `SubTransferProgress`. */
export interface ToldProgress {
  readonly file: AnnouncedFile;
  readonly peer: DeviceId;
  readonly bytes: number;
}

/** How far a file in chunks is, whoever sends it. At most ten a second each, `verified` never backwards. In bytes. */
export interface FileProgress extends AssemblyProgress {
  readonly file: AnnouncedFile;
}
