import { isSyncError, SyncError } from '../../errors.ts';
import type { DeviceId } from '../../ids.ts';
import { never } from '../../never.ts';
import type { Clock, Milliseconds } from '../../ports.ts';
import { bytesOf, type ChunkLayout, chunksAround, chunksWithin } from '../chunks/chunk-layout.ts';
import type { ChunkChecker, Digester, PartialFile } from '../ports.ts';
import type { Range } from '../ranges.ts';
import { endOfPrefix, type Ranges, sizeOf, toRanges } from '../ranges.ts';
import { everyTick } from '../transfer/every-tick.ts';
import { createCheckpointer } from './checkpointer.ts';
import { type ChunkSink, openChunkSink } from './chunk-sink.ts';
import { type ChunkedFile, layoutOf } from './chunked-file.ts';
import { type AssemblyEnd, createConclusion } from './conclusion.ts';
import { createParticipants, type DeliveredShares, type Participants, type SourceLink } from './participants.ts';
import { createReaders } from './readers.ts';
import { type RunningSchedule, type RunScheduleOptions, runSchedule } from './run-schedule.ts';
import { isAllChecked, type ScheduleState, startSchedule } from './schedule-state.ts';
import type { ScheduleInput } from './schedule-step.ts';

/** How far a file is, in bytes. */
export interface AssemblyProgress {
  /** Agree with the chunk root. */
  readonly verified: number;
  /** Were asked for and have not arrived. */
  readonly inFlight: number;
  readonly sources: number;
}

export interface AssemblyOptions {
  readonly file: ChunkedFile;
  /** Owned, and closed in the end, by this. */
  readonly partial: PartialFile;
  /** Bytes of the partial file that were right and flushed earlier. */
  readonly checked: Ranges;
  /** Of all chunks, when they are known from an earlier time. */
  readonly hashes: Uint8Array | undefined;
  readonly digester: Digester;
  readonly checker: ChunkChecker;
  readonly clock: Clock;
  /** These bytes, all that are right so far, survive a power failure. With what has come from those that send now. */
  onCheckpoint(checked: Ranges, shares: DeliveredShares): void;
  onProgress(progress: AssemblyProgress): void;
  /** The hashes of all chunks have come. */
  onHashes(hashes: Uint8Array): void;
  /** Called once, before `over` fires. */
  onEnded(end: AssemblyEnd): void;
}

/** One file on its way, put together from what several devices send: the driver of the schedule. */
export interface Assembly {
  readonly file: ChunkedFile;
  /** Fires when the file is complete, or has failed. */
  readonly over: AbortSignal;
  end(): AssemblyEnd | undefined;
  /** Bytes of the file that are here and agree with the chunk root. */
  held(): number;
  /** False when the device takes part already. */
  join(source: DeviceId, link: SourceLink): boolean;
  leave(source: DeviceId): void;
  take(source: DeviceId, start: number, bytes: Uint8Array): void;
  takeHashes(source: DeviceId, hashes: Uint8Array): void;
  /** Whether something was asked of it that has not come. */
  isAwaited(source: DeviceId): boolean;
  /** Bytes of use that came from it. */
  delivered(source: DeviceId): number;
  /** Counts as a reader of the range until it is disposed: while such bytes are lacking they go before the hash of the whole. */
  enterReader(range: Range): Disposable;
  /**
   * Resolves with how far the file is right from `start` on, once that is further; with `start` when it is over. What
   * is waited for is fetched first.
   */
  readable(range: Range, signal: AbortSignal): Promise<number>;
  /** Fills the buffer with what lies at the position; false when the partial file is there no more. Throws FILE_FAILED. */
  read(buffer: Uint8Array, position: number): Promise<boolean>;
  /** Resolves when there is room for more bytes; undefined when there is. */
  room(): Promise<void> | undefined;
  /**
   * Ends it if it goes on; waits until the file is not touched any more. Of an incomplete file, what is here is kept,
   * unless it is to be discarded.
   */
  close(options: { readonly discard: boolean }): Promise<void>;
}

export function createAssembly(options: AssemblyOptions): Assembly {
  const { file, partial, clock } = options;
  const layout = layoutOf(file);
  const ending = createEnding(options);
  const fail = (error: unknown) => ending.finish(failedBy(error));
  const participants = createParticipants(file, () => sizeOf(checked()));
  let concluding = Promise.resolve();
  const perform = performer({ participants, sink: () => sink, conclude });
  const start = {
    ...startSchedule(layout, chunksWithin(layout, options.checked)),
    hasHashes: options.hashes !== undefined,
  };
  const schedule = runSchedule({ start, over: ending.over, onStepped, perform });
  const sink = openChunkSink({
    ...options,
    signal: ending.over,
    onChecked: (chunks, bad) => schedule.feed({ input: { kind: 'checked', chunks, bad, at: clock.now() } }),
    onFailed: fail,
  });
  const checked = () => checkedBytes(schedule.state());
  const onCheckpoint = (flushed: Ranges) => options.onCheckpoint(flushed, participants.shares());
  const checkpointer = createCheckpointer({ partial, clock, checked, onCheckpoint, onFailed: fail });
  const onReaders = () => sink.readAlong(readers.areLacking());
  const readers = createReaders({ ...ending, checked, onWanted: wanting(schedule, layout), onReaders });
  const conclusion = createConclusion({ digest: file.digest, partial, sink, checkpointer });

  function onStepped({ kind }: ScheduleInput): void {
    if (kind !== 'checked' && kind !== 'spoiled') return;
    onReaders();
    sink.advance(endOfPrefix(checked()));
    readers.look();
    checkpointer.look();
    options.onProgress(progressOf(schedule.state()));
  }

  function conclude(): void {
    concluding = conclusion
      .conclude()
      .then((result) => {
        if (!('spoiled' in result)) return ending.finish(result);
        schedule.feed({ input: { kind: 'spoiled', chunks: result.spoiled, at: clock.now() } });
      })
      .catch(fail);
  }

  function setHashes(hashes: Uint8Array): void {
    sink.setHashes(hashes);
    options.onHashes(hashes);
  }

  const ticking = everyTick(clock, ending.over, (at) => tick({ schedule, sink }, at));
  sink.advance(endOfPrefix(checked()));
  if (isAllChecked(start)) conclude();

  return {
    ...entrance({ schedule, participants, sink, clock, setHashes }),
    file,
    over: ending.over,
    end: ending.end,
    enterReader: readers.enter,
    readable: readers.until,
    read: (buffer, position) => partial.read([buffer], position),
    async close({ discard }) {
      ending.stop();
      await Promise.all([sink[Symbol.asyncDispose](), ticking, concluding]);
      const isComplete = ending.end()?.outcome === 'complete';
      await checkpointer.close({ discard: discard || ending.end()?.outcome === 'wrong-digest', isComplete });
    },
  };
}

/** The first end is the end. A file that got its name while it was being stopped is complete all the same. */
function createEnding({ file, onEnded }: AssemblyOptions) {
  const over = new AbortController();
  let end: AssemblyEnd | undefined;
  const stop = () => over.abort(new SyncError('CANCELLED', { what: `The transfer of ${file.displayName}` }));
  return {
    over: over.signal,
    end: () => end,
    stop,
    finish(how: AssemblyEnd) {
      if (end || (over.signal.aborted && how.outcome !== 'complete')) return;
      end = how;
      onEnded(how);
      stop();
    },
  };
}

function wanting(schedule: RunningSchedule, layout: ChunkLayout): (bytes: Ranges) => void {
  return (bytes) =>
    schedule.feed({ input: { kind: 'wanted', chunks: bytes.map((range) => chunksAround(layout, range)) } });
}

function failedBy(error: unknown): AssemblyEnd {
  return isSyncError(error, 'DISK_FULL') ? { outcome: 'disk-full' } : { outcome: 'interrupted', failure: error };
}

function tick({ schedule, sink }: Pick<Parts, 'schedule' | 'sink'>, at: Milliseconds): void {
  sink.tick();
  schedule.feed({ input: { kind: 'tick', at, isHoldingBack: sink.isFull() } });
}

interface Performers {
  readonly participants: Participants;
  sink(): ChunkSink;
  conclude(): void;
}

function performer({ participants, sink, conclude }: Performers): RunScheduleOptions['perform'] {
  return (effect, { input, bytes }) => {
    switch (effect.kind) {
      case 'ask':
        return participants.ask(effect.source, effect.ranges);
      case 'ask-hashes':
        return participants.askForHashes(effect.source);
      case 'skip':
        return participants.skip(effect.source, effect.ranges);
      case 'drop':
        return participants.drop(effect.source, effect.outcome);
      case 'keep':
        if (input.kind !== 'arrived' || !bytes) return;
        participants.credit(input.source, bytes.length);
        return sink().write(input.range[0], bytes);
      case 'check':
        return sink().finish(effect.chunk);
      case 'all-checked':
        return conclude();
      default:
        return never(effect);
    }
  };
}

interface Parts {
  readonly schedule: RunningSchedule;
  readonly participants: Participants;
  readonly sink: ChunkSink;
  readonly clock: Clock;
  setHashes(hashes: Uint8Array): void;
}

/** The sources' side of an assembly. */
function entrance({
  schedule,
  participants,
  sink,
  clock,
  setHashes,
}: Parts): Omit<Assembly, 'file' | 'over' | 'end' | 'enterReader' | 'readable' | 'read' | 'close'> {
  return {
    join(source, link) {
      if (!participants.add(source, link)) return false;
      schedule.feed({ input: { kind: 'joined', source, at: clock.now() } });
      return true;
    },
    leave(source) {
      participants.remove(source);
      schedule.feed({ input: { kind: 'left', source, at: clock.now() } });
    },
    take(source, start, bytes) {
      const range: Range = [start, start + bytes.length];
      schedule.feed({ input: { kind: 'arrived', source, range, at: clock.now() }, bytes });
    },
    takeHashes(source, hashes) {
      const list = participants.takeHashes(source, hashes);
      if (list === undefined) return;
      if (list !== 'wrong') setHashes(list);
      schedule.feed({ input: { kind: 'hashes', source, areRight: list !== 'wrong', at: clock.now() } });
    },
    isAwaited: (source) => (schedule.state().sources.get(source)?.underWay ?? 0) > 0 || participants.owesHashes(source),
    delivered: participants.delivered,
    held: () => sizeOf(checkedBytes(schedule.state())),
    room: () => (sink.isFull() ? sink.room() : undefined),
  };
}

function checkedBytes({ layout, checked }: ScheduleState): Ranges {
  return toRanges(checked.map((chunks) => bytesOf(layout, chunks)));
}

function progressOf(state: ScheduleState): AssemblyProgress {
  const inFlight = state.sources.reduce((sum, { underWay }) => sum + underWay, 0);
  return { verified: sizeOf(checkedBytes(state)), inFlight, sources: state.sources.size };
}
