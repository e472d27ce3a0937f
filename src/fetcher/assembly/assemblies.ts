import { createBell } from '../../bell.ts';
import type { JournalRecord } from '../../events/journal-record.ts';
import type { Milliseconds } from '../../ports.ts';
import { type FileKey, fileFields, fileKey } from '../file-key.ts';
import type { AnnouncedFile } from '../ports.ts';
import { overlap, type Ranges } from '../ranges.ts';
import { createProgress } from '../transfer/progress.ts';
import type { ReceivingContext } from '../transfer/receive/receiving.ts';
import { anyStop, type StopSignals } from '../transfer/stop-signals.ts';
import { type Assembly, type AssemblyProgress, createAssembly } from './assembly.ts';
import type { ChunkedFile } from './chunked-file.ts';
import type { AssemblyEnd } from './conclusion.ts';
import type { DeliveredShares } from './participants.ts';

/** A place at an assembly. Who leaves last closes it. */
export interface Seat extends AsyncDisposable {
  readonly assembly: Assembly;
}

/** The files in chunks that are being received, each put together in one place, whoever sends it. */
export interface Assemblies {
  /**
   * Joins the file's assembly, or begins one. 'complete' when the file is here. Throws FILE_FAILED, DISK_FULL, and the
   * reason of the stop signal.
   */
  enter(file: ChunkedFile, stop: StopSignals): Promise<Seat | 'complete'>;
  /** Waits until the file has no assembly, and lets none begin until it is released. Throws the signal's reason. */
  holdOff(file: AnnouncedFile, signal: AbortSignal): Promise<() => void>;
  /** The file's assembly that goes on now. */
  underWay(file: AnnouncedFile): Assembly | undefined;
  /** Resolves when the file has an assembly that goes on. Throws the signal's reason. */
  begun(file: AnnouncedFile, signal: AbortSignal): Promise<void>;
  /** Resolves when the file has no assembly any more. Throws the signal's reason. */
  gone(file: AnnouncedFile, signal: AbortSignal): Promise<void>;
}

interface Entry {
  readonly opening: Promise<Assembly | 'complete'>;
  underWay(): Assembly | undefined;
  users: number;
  /** Nobody may enter any more. */
  isSpent(): boolean;
  mustDiscard: boolean;
}

/** In the place of an assembly, so that none begins. */
const HELD_OFF: Entry = {
  opening: Promise.resolve('complete'),
  underWay: () => undefined,
  users: 0,
  isSpent: () => true,
  mustDiscard: false,
};

export function createAssemblies(context: ReceivingContext, signal: AbortSignal): Assemblies {
  const entries = new Map<FileKey, Entry>();
  const bell = createBell();

  function openEntry(file: ChunkedFile): Entry {
    let assembly: Assembly | 'complete' | undefined;
    const opening = open(context, file, signal).then((opened) => {
      assembly = opened;
      bell.ring();
      return opened;
    });
    const isSpent = () => entry.users === 0 || assembly === 'complete' || (assembly?.over.aborted ?? false);
    const underWay = () => (assembly === 'complete' || assembly?.over.aborted ? undefined : assembly);
    const entry: Entry = { opening, underWay, users: 0, isSpent, mustDiscard: false };
    entries.set(fileKey(file), entry);
    return entry;
  }

  async function leave(file: ChunkedFile, entry: Entry): Promise<void> {
    entry.users -= 1;
    if (entry.users > 0) return;
    try {
      const assembly = await entry.opening.catch(() => undefined);
      if (assembly && assembly !== 'complete') await assembly.close({ discard: entry.mustDiscard });
    } finally {
      entries.delete(fileKey(file));
      bell.ring();
    }
  }

  const underWay = (file: AnnouncedFile) => entries.get(fileKey(file))?.underWay();

  return {
    underWay,
    begun: (file, ended) => bell.until(() => underWay(file) !== undefined, ended),
    gone: (file, ended) => bell.until(() => !entries.has(fileKey(file)), ended),
    async holdOff(file, ended) {
      const key = fileKey(file);
      while (entries.has(key)) await bell.until(() => !entries.has(key), ended);
      entries.set(key, HELD_OFF);
      return () => {
        entries.delete(key);
        bell.ring();
      };
    },
    async enter(file, stop) {
      const ended = anyStop(stop);
      // Who is woken first may have begun the next one, and have ended it.
      while (entries.get(fileKey(file))?.isSpent())
        await bell.until(() => !entries.get(fileKey(file))?.isSpent(), ended);
      const entry = entries.get(fileKey(file)) ?? openEntry(file);
      entry.users += 1;
      const leaveOnce = () => {
        entry.mustDiscard ||= stop.cancelled.aborted;
        return leave(file, entry);
      };
      try {
        const assembly = await entry.opening;
        ended.throwIfAborted();
        if (assembly !== 'complete') return { assembly, [Symbol.asyncDispose]: leaveOnce };
      } catch (error) {
        await leaveOnce();
        throw error;
      }
      await leaveOnce();
      return 'complete';
    },
  };
}

async function open(
  { options, notebook, ownBytes }: ReceivingContext,
  file: ChunkedFile,
  signal: AbortSignal,
): Promise<Assembly | 'complete'> {
  if (await ownBytes.areRight(file, { signal })) return 'complete';
  const { clock, digester, checker, chunkLists } = options;
  const hashes = await chunkLists.kept(file);
  const partial = await options.storeOf(file.conversation).openPartial(file.fileId);
  let latest: AssemblyProgress = { verified: 0, inFlight: 0, sources: 0 };
  const progress = createProgress(clock, file, () => options.onFileProgress({ file, ...latest }));

  function onEnded(end: AssemblyEnd): void {
    progress.finish();
    if (end.outcome !== 'complete') return;
    ownBytes.remember(file, end.stamp);
    notebook.note({ kind: 'file-verified', ...fileFields(file), ...end.stamp, at: clock.now() });
  }

  return createAssembly({
    ...{ file, partial, hashes, digester, checker, clock, onEnded },
    onHashes: (list) => void chunkLists.keep(file, list),
    checked: overlap(options.checkedBytes(file), [0, partial.size()]),
    onCheckpoint: (checked, shares) => notebook.note(...checkpointRecords(file, { checked, shares, at: clock.now() })),
    onProgress(now) {
      latest = now;
      progress.report(now.verified);
    },
  });
}

/** What is safe of the file, and who sent how much: for whoever looks after the engine was killed. */
function checkpointRecords(
  file: ChunkedFile,
  { checked, shares, at }: { checked: Ranges; shares: DeliveredShares; at: Milliseconds },
): readonly JournalRecord[] {
  const about = fileFields(file);
  return [
    { kind: 'chunks-checked', ...about, ranges: checked.map(([start, end]) => [start, end]), at },
    ...[...shares].map(([peer, bytes]) => ({ kind: 'sub-transfer-progressed' as const, ...about, peer, bytes, at })),
  ];
}
