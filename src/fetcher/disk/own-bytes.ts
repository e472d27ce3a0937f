import type { JournalRecord } from '../../events/journal-record.ts';
import type { Clock } from '../../ports.ts';
import { type FileKey, fileFields, fileKey } from '../file-key.ts';
import type { AnnouncedFile, Digester, FileStamp, FileStore, ReadableFile } from '../ports.ts';
import type { KnownFile } from './scan.ts';

export type OwnBytes =
  /** Open for reading; the caller closes it. */
  { readonly are: 'right'; readonly source: ReadableFile } | { readonly are: 'missing' } | { readonly are: 'wrong' };

/** Whether this device's own copy of a file has the announced digest. */
export interface OwnBytesCheck {
  open(file: AnnouncedFile, options: { signal: AbortSignal }): Promise<OwnBytes>;
  areRight(file: AnnouncedFile, options: { signal: AbortSignal }): Promise<boolean>;
  /** Whether the file that looks like `stamp` is right; hashes it if nobody has. */
  isRight(file: AnnouncedFile, stamp: FileStamp): Promise<boolean>;
  /** A file that was just verified. */
  remember(file: AnnouncedFile, stamp: FileStamp): void;
}

export interface OwnBytesOptions {
  readonly digester: Digester;
  readonly clock: Clock;
  storeOf(file: AnnouncedFile): FileStore;
  /** What the journal knows of the file that stands under the name. */
  knownFile(file: AnnouncedFile): KnownFile | undefined;
  note(record: JournalRecord): void;
}

/**
 * A file is hashed once: as long as its stamp stays, so does the verdict, good or bad. Members can therefore not keep
 * this device busy by asking for one file again and again.
 */
export function createOwnBytesCheck(options: OwnBytesOptions): OwnBytesCheck {
  const { digester, clock, storeOf, knownFile, note } = options;
  const verdicts = new Map<FileKey, { readonly stamp: FileStamp; readonly isRight: boolean }>();
  /** Hashes under way, so that two that ask at the same time wait for one. */
  const checking = new Map<FileKey, Promise<boolean>>();

  function verdictOn(file: AnnouncedFile, stamp: FileStamp): boolean | undefined {
    const verdict = verdicts.get(fileKey(file));
    if (verdict && isSameStamp(verdict.stamp, stamp)) return verdict.isRight;
    const known = knownFile(file);
    return known && isSameStamp(known.stamp, stamp) ? known.isComplete : undefined;
  }

  async function hasDigest(file: AnnouncedFile, stamp: FileStamp): Promise<boolean> {
    if (stamp.size !== file.totalSize) return false;
    // A hash that others wait for is not aborted with the one who asked first.
    const { signal } = new AbortController();
    const { digest } = await digester.identify(storeOf(file).pathOf(file.fileId), { signal });
    return digest === file.digest;
  }

  async function judge(file: AnnouncedFile, stamp: FileStamp): Promise<boolean> {
    const isRight = await hasDigest(file, stamp);
    const after = await storeOf(file).stamp(file.fileId);
    // Another file came under the name while this one was hashed, or instead of it: no verdict.
    if (!after || !isSameStamp(stamp, after)) return false;
    verdicts.set(fileKey(file), { stamp, isRight });
    const facts = { ...fileFields(file), ...stamp, at: clock.now() };
    if (isRight) note({ kind: 'file-verified', ...facts });
    else note({ kind: 'file-found-lacking', state: stamp.size < file.totalSize ? 'partial' : 'corrupt', ...facts });
    return isRight;
  }

  function check(file: AnnouncedFile, stamp: FileStamp): Promise<boolean> {
    const key = fileKey(file);
    const running = checking.get(key) ?? judge(file, stamp).finally(() => checking.delete(key));
    checking.set(key, running);
    return running;
  }

  async function isRight(file: AnnouncedFile, stamp: FileStamp): Promise<boolean> {
    return verdictOn(file, stamp) ?? (await check(file, stamp));
  }

  async function open(file: AnnouncedFile, { signal }: { signal: AbortSignal }): Promise<OwnBytes> {
    signal.throwIfAborted();
    const source = await storeOf(file).openForReading(file.fileId);
    if (!source) return { are: 'missing' };
    try {
      // The verdict is on the very file that is open: its name may stand for another one by now.
      if (await isRight(file, source.stamp)) return { are: 'right', source };
    } catch (error) {
      await source[Symbol.asyncDispose]();
      throw error;
    }
    await source[Symbol.asyncDispose]();
    return { are: 'wrong' };
  }

  return {
    open,
    isRight,
    async areRight(file, waiting) {
      const own = await open(file, waiting);
      if (own.are !== 'right') return false;
      await own.source[Symbol.asyncDispose]();
      return true;
    },
    remember: (file, stamp) => void verdicts.set(fileKey(file), { stamp, isRight: true }),
  };
}

export function isSameStamp(one: FileStamp, other: FileStamp): boolean {
  return one.size === other.size && one.mtimeMs === other.mtimeMs && one.inode === other.inode;
}
