/** What the fetcher needs of the outside. Adapters in this folder and in `engine/`. */
import type { AccountUri, CommitId, ConversationId, DeviceId, Digest, FileId } from '../ids.ts';

/** An announced file, as the log tells it. */
export interface AnnouncedFile {
  readonly conversation: ConversationId;
  readonly interaction: CommitId;
  readonly fileId: FileId;
  readonly displayName: string;
  /** Bytes. */
  readonly totalSize: number;
  readonly digest: Digest;
  readonly author: AccountUri;
  readonly isDeleted: boolean;
}

/** The log as an answerer asks it. Implemented by the engine over the projections. */
export interface LogView {
  hasConversation(conversation: ConversationId): boolean;
  /** Role admin or member in the conversation's present state, and the device not banned. */
  isActiveMember(conversation: ConversationId, account: AccountUri, device: DeviceId): boolean;
  /** 'unknown' when there is no such commit, 'not-a-file' when it announces none. */
  announcedFile(conversation: ConversationId, interaction: CommitId): AnnouncedFile | 'unknown' | 'not-a-file';
}

/** SHA3-512 off the event loop, as bytes come. One at a time; `close` frees the worker without a result. */
export interface DigestStream extends AsyncDisposable {
  /** Resolves when the worker may be given more; the bytes are copied or transferred before it returns. */
  update(bytes: Uint8Array): Promise<void>;
  digest(): Promise<Digest>;
}

export interface Digester extends AsyncDisposable {
  open(): DigestStream;
  /** The digest of a file's first `length` bytes, of all without it. Throws FILE_FAILED; aborts with the signal's reason. */
  ofFile(path: string, options: { signal: AbortSignal; length?: number }): Promise<Digest>;
}

/** What tells that a file is still the one that was hashed. */
export interface FileStamp {
  readonly size: number;
  readonly mtimeMs: number;
  readonly inode: number;
}
