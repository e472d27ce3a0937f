import { isSyncError } from '../../../errors.ts';
import type { Channel } from '../../../ports.ts';
import type { OwnBytesCheck } from '../../disk/own-bytes.ts';
import type { FetcherOptions } from '../../fetcher-options.ts';
import { fileFields } from '../../file-key.ts';
import type { FileStops } from '../../file-stops.ts';
import type { Notebook } from '../../notebook.ts';
import { fileShare } from '../../pace/quick-file.ts';
import type { AnnouncedFile, PartialFile } from '../../ports.ts';
import { createProgress } from '../progress.ts';
import type { StopSignals } from '../stop-signals.ts';
import { type ReceiveEnd, receiveFile } from './receive-file.ts';

export interface ReceivingContext {
  readonly options: FetcherOptions;
  readonly notebook: Notebook;
  readonly ownBytes: OwnBytesCheck;
  readonly stops: FileStops;
}

/** Takes one file in over one channel, and notes what became of it. Owns the channel. */
export async function receiveOver(
  channel: Channel,
  file: AnnouncedFile,
  { context, stop }: { context: ReceivingContext; stop: StopSignals },
): Promise<ReceiveEnd> {
  const { options, notebook, ownBytes } = context;
  const { clock, digester } = options;
  const about = { ...fileFields(file), peer: channel.peer.device };
  const progress = createProgress(clock, file, (bytes) =>
    options.onProgress({ file, peer: channel.peer.device, direction: 'receiving', bytes }),
  );

  function noteEnd({ outcome, bytes, stamp }: ReceiveEnd): void {
    progress.finish();
    if (stamp) {
      ownBytes.remember(file, stamp);
      notebook.note({ kind: 'file-verified', ...fileFields(file), ...stamp, at: clock.now() });
    }
    const direction = 'receiving';
    notebook.note({ kind: 'sub-transfer-ended', ...about, direction, outcome, bytes, at: clock.now() });
  }

  async function receive(): Promise<ReceiveEnd> {
    const partial = await openPartial(file, options);
    if (!partial) return { outcome: 'disk-full', bytes: 0, mustStartOver: false };
    return await receiveFile({
      ...{ file, partial, channel, digester, clock, stop },
      pace: fileShare(options, file, { device: channel.peer.device, direction: 'receiving' }),
      onStarted: (start) =>
        notebook.note({ kind: 'sub-transfer-started', ...about, direction: 'receiving', start, at: clock.now() }),
      onBytes: progress.report,
      onCheckpoint: (bytes) => notebook.note({ kind: 'sub-transfer-progressed', ...about, bytes, at: clock.now() }),
    });
  }

  let end: ReceiveEnd = { outcome: 'interrupted', bytes: 0, mustStartOver: false };
  try {
    end = await receive();
    return end;
  } finally {
    channel.close('the transfer is over');
    noteEnd(end);
    await notebook.written();
  }
}

/** Undefined when there is no room for it. */
async function openPartial(file: AnnouncedFile, options: FetcherOptions): Promise<PartialFile | undefined> {
  try {
    return await options.storeOf(file.conversation).openPartial(file.fileId);
  } catch (error) {
    if (isSyncError(error, 'DISK_FULL')) return undefined;
    throw error;
  }
}

/**
 * Completes a file whose bytes all lie in the partial file, as after a crash before the rename, or that has none at all.
 * True when the file stands under its name now. Bytes that turn out wrong are thrown away.
 */
export async function finishPartial(
  file: AnnouncedFile,
  { options, notebook, ownBytes }: ReceivingContext,
  signal: AbortSignal,
): Promise<boolean> {
  const store = options.storeOf(file.conversation);
  if (((await store.partialSize(file.fileId)) ?? 0) < file.totalSize) return false;
  await using partial = await store.openPartial(file.fileId);
  const hasSize = partial.size() === file.totalSize;
  const identity = hasSize ? await options.digester.identify(partial.path, { signal }) : undefined;
  if (identity?.digest !== file.digest) {
    await partial.discard();
    return false;
  }
  const stamp = await partial.promote();
  ownBytes.remember(file, stamp);
  notebook.note({ kind: 'file-verified', ...fileFields(file), ...stamp, at: options.clock.now() });
  return true;
}
