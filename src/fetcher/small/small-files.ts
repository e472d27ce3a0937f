import type { DeviceId } from '../../ids.ts';
import { SMALL_FILE_BYTES } from '../../limits.ts';
import type { Channel } from '../../ports.ts';
import { fileKey } from '../file-key.ts';
import type { Notebook } from '../notebook.ts';
import type { Slots } from '../pace/slots.ts';
import type { AnnouncedFile } from '../ports.ts';
import type { RequestCounter } from '../request-counts.ts';
import type { RequestOptions, RequestOutcome } from '../transfer/receive/request-file.ts';
import { onStop, STOPPED_OUTCOMES, type StopReason, type StopSignals, stopReason } from '../transfer/stop-signals.ts';
import type { FileEnd } from './asker-machine.ts';
import { isBatchChannelTo } from './batch-channel.ts';
import type { BatchLine, SettledFile } from './batch-line.ts';
import { createSmallRequestJudge } from './judge-small-request.ts';
import type { PlacingContext } from './place-arrived.ts';
import { createReaching } from './reach-source.ts';
import { serveBatches } from './serve-batches.ts';
import { requestedRecord, settledRecords } from './small-file-records.ts';

export interface SmallFilesContext extends PlacingContext {
  readonly notebook: Notebook;
  /** One receiver per file: the temporary file has one writer. */
  readonly turns: Slots;
  readonly requests: RequestCounter;
}

/** Small files are asked for together and come together, over one channel for each device. */
export interface SmallFiles {
  /**
   * Gets a small file from a device. Undefined, and nothing is noted, for one that is not small, or that nobody has to be
   * asked for because it is empty, and when that device knows no such channel: then it has to be got by itself.
   */
  request(file: AnnouncedFile, options: RequestOptions): Promise<RequestOutcome | undefined>;
  /** Serves a channel on which a receiver asks for small files; undefined when it is none. Owns it otherwise. */
  serve(channel: Channel): Promise<void> | undefined;
  /** Resolves when no channel is open any more; call after `interrupted` has fired. */
  idle(): Promise<void>;
}

export function createSmallFiles(context: SmallFilesContext): SmallFiles {
  const judge = createSmallRequestJudge(context.options);
  const sources = new Map<DeviceId, SmallFileSource>();
  return {
    async request(file, { device, stop }) {
      if (file.totalSize === 0 || file.totalSize > SMALL_FILE_BYTES) return undefined;
      const source = sources.get(device) ?? createSource(context, device);
      sources.set(device, source);
      const release = await context.turns.acquire(fileKey(file), stop.interrupted).catch(() => undefined);
      if (!release) return { outcome: 'interrupted' };
      return await source.request(file, stop).finally(release);
    },
    serve(channel) {
      if (!isBatchChannelTo(context.options.self.device, channel.name)) return undefined;
      return serveBatches(channel, { ...context, judge });
    },
    idle: async () => void (await Promise.all([...sources.values()].map((source) => source.idle()))),
  };
}

interface SmallFileSource {
  request(file: AnnouncedFile, stop: StopSignals): Promise<RequestOutcome | undefined>;
  idle(): Promise<void>;
}

function createSource(context: SmallFilesContext, device: DeviceId): SmallFileSource {
  const { options, notebook, interrupted } = context;
  const { clock } = options;
  const waiting = new Map<AnnouncedFile['interaction'], (end: FileEnd) => void>();
  let gathered: AnnouncedFile[] = [];
  let isGathering = false;

  const reaching = createReaching(context, { device, onSettled });

  /** All that settled together is written down together, before anybody hears of it. */
  function onSettled(settled: readonly SettledFile[]): void {
    const at = clock.now();
    const isNews = ({ end }: SettledFile) => end.kind !== 'declined' || !interrupted.aborted;
    notebook.note(...settled.filter(isNews).flatMap((one) => settledRecords(one, { device, at })));
    for (const { file, end } of settled) {
      waiting.get(file.interaction)?.(end);
      waiting.delete(file.interaction);
    }
  }

  /** What is asked for in one turn of the event loop goes out together. */
  function ask(line: BatchLine, file: AnnouncedFile): void {
    gathered.push(file);
    if (isGathering) return;
    isGathering = true;
    queueMicrotask(() => {
      const files = gathered;
      gathered = [];
      isGathering = false;
      notebook.note(...files.map((one) => requestedRecord(one, { device, at: clock.now() })));
      line.ask(files);
    });
  }

  function takeBack(line: BatchLine, file: AnnouncedFile, reason: StopReason): void {
    const isUnsaid = gathered.includes(file);
    gathered = gathered.filter((other) => other !== file);
    if (isUnsaid) waiting.get(file.interaction)?.({ kind: 'failed', failure: STOPPED_OUTCOMES[reason] });
    else line.takeBack(file.interaction, reason);
  }

  async function settle(line: BatchLine, file: AnnouncedFile, stop: StopSignals): Promise<RequestOutcome> {
    const settled = new Promise<FileEnd>((resolve) => waiting.set(file.interaction, resolve));
    ask(line, file);
    const unsubscribe = onStop(stop, (reason) => takeBack(line, file, reason));
    const end = await settled;
    unsubscribe();
    await notebook.written();
    return interrupted.aborted && end.kind === 'declined' ? { outcome: 'interrupted' } : outcomeOf(end);
  }

  return {
    async request(file, stop) {
      const line = await reaching.reach();
      if (line === 'no-such-channel') return undefined;
      const stopped = stopReason(stop);
      if (stopped) return { outcome: STOPPED_OUTCOMES[stopped] };
      if (line !== 'not-reachable') return await settle(line, file, stop);
      const about = { device, at: clock.now() };
      const end = { kind: 'declined', reason: line } as const;
      notebook.note(requestedRecord(file, about), ...settledRecords({ file, end }, about));
      await notebook.written();
      return { outcome: 'declined', reason: line };
    },
    idle: () => reaching.idle(),
  };
}

function outcomeOf(end: FileEnd): RequestOutcome {
  switch (end.kind) {
    case 'complete':
      return { outcome: 'complete' };
    case 'declined':
      return { outcome: 'declined', reason: end.reason };
    default:
      return { outcome: end.failure };
  }
}
