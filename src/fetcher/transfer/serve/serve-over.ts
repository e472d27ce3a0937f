import { isSyncError, SyncError } from '../../../errors.ts';
import type { DeviceId } from '../../../ids.ts';
import type { FetcherOptions } from '../../fetcher-options.ts';
import { fileFields } from '../../file-key.ts';
import type { Notebook } from '../../notebook.ts';
import { fileShare } from '../../pace/quick-file.ts';
import type { AnnouncedFile, ReadableFile } from '../../ports.ts';
import { createProgress } from '../progress.ts';
import { anyStop, STOPPED_OUTCOMES, type StopSignals, stopReason } from '../stop-signals.ts';
import { transferChannelName } from '../transfer-channel.ts';
import { type SubTransferEnd, serveFile } from './serve-file.ts';

export interface ServeContext {
  readonly options: FetcherOptions;
  readonly notebook: Notebook;
}

export interface ServeOptions {
  readonly device: DeviceId;
  /** Verified; stays the caller's. */
  readonly source: ReadableFile;
  readonly stop: StopSignals;
  /** See `ServeFileOptions`. */
  onEnding(): void;
}

/** Opens a channel to a device, serves one file over it, and notes what became of it. */
export async function serveOver(
  { options, notebook }: ServeContext,
  file: AnnouncedFile,
  { device, source, stop, onEnding }: ServeOptions,
): Promise<SubTransferEnd> {
  const { clock } = options;
  const about = { ...fileFields(file), peer: device, direction: 'serving' as const };
  const progress = createProgress(clock, file, (bytes) =>
    options.onProgress({ file, peer: device, direction: 'serving', bytes }),
  );
  const there = createProgress(clock, file, (bytes) => options.onTold({ file, peer: device, bytes }));

  async function serve(): Promise<SubTransferEnd> {
    const signal = anyStop(stop);
    const { conversation, fileId } = file;
    const name = transferChannelName({ conversation, receiver: device, fileId });
    const channel = await options.openChannel(device, name, { signal });
    return await serveFile({
      ...{ file, source, channel, clock, stop, onEnding },
      pace: fileShare(options, file, { device, direction: 'serving' }),
      chunkHashes: (signal) => chunkHashes(file, options, signal),
      onStarted: (start) => notebook.note({ kind: 'sub-transfer-started', ...about, start, at: clock.now() }),
      onBytes: progress.report,
      onTold: there.report,
    });
  }

  let end: SubTransferEnd = { outcome: 'interrupted', bytes: 0 };
  try {
    end = await serve().catch((error) => unlessOfTheNet(error, stop));
    return end;
  } finally {
    progress.finish();
    there.finish();
    notebook.note({ kind: 'sub-transfer-ended', ...about, ...end, at: clock.now() });
    await notebook.written();
  }
}

async function chunkHashes(
  file: AnnouncedFile,
  { chunkLists, storeOf }: FetcherOptions,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const hashes = await chunkLists.of(file, { signal });
  if (hashes) return hashes;
  const path = storeOf(file.conversation).pathOf(file.fileId);
  throw new SyncError('FILE_FAILED', { path, detail: 'its chunks are not those that were announced' });
}

/** That a device cannot be reached, or wants no channel, is an outcome; that our own disk fails is not. */
function unlessOfTheNet(error: unknown, stop: StopSignals): SubTransferEnd {
  if (isSyncError(error, 'FILE_FAILED')) throw error;
  if (isSyncError(error, 'CHANNEL_DECLINED')) return { outcome: 'refused', bytes: 0 };
  return { outcome: STOPPED_OUTCOMES[stopReason(stop) ?? 'interrupted'], bytes: 0 };
}
