import { isSyncError } from '../../../errors.ts';
import { never } from '../../../never.ts';
import type { Channel, Clock } from '../../../ports.ts';
import { openReceiveSink } from '../../disk/receive-sink.ts';
import type { PaceShare } from '../../pace/pace.ts';
import type { AnnouncedFile, Digester, FileStamp, PartialFile } from '../../ports.ts';
import { openDialogue } from '../dialogue.ts';
import { runMachine } from '../run-machine.ts';
import type { SubTransferEnd } from '../serve/serve-file.ts';
import { stay } from '../step.ts';
import type { StopSignals } from '../stop-signals.ts';
import {
  type ReceiveEffect,
  type ReceiveInput,
  type ReceiveState,
  type Remains,
  receiveStep,
  startReceiving,
} from './receive-machine.ts';

export interface ReceiveFileOptions {
  readonly file: AnnouncedFile;
  /** With what is here of the file already; owned, and closed in the end, by this. */
  readonly partial: PartialFile;
  /** Opened by the source; owned, and closed in the end, by this. */
  readonly channel: Channel;
  readonly pace: PaceShare;
  readonly digester: Digester;
  readonly clock: Clock;
  readonly stop: StopSignals;
  /** The source is told to send from this byte on. */
  onStarted(start: number): void;
  /** So many bytes are here. */
  onBytes(bytes: number): void;
  /** So many bytes survive a power failure. */
  onCheckpoint(bytes: number): void;
}

export interface ReceiveEnd extends SubTransferEnd {
  /** Of the file under its name; there when the outcome is 'complete'. */
  readonly stamp?: FileStamp;
  /** What was here before may have been wrong, and is gone: the source deserves to be asked again, from zero. */
  readonly mustStartOver: boolean;
}

/**
 * Takes a file in from a source: the driver of the receive machine.
 * Throws FILE_FAILED, WORKER_FAILED for failures of this machine; a full disk and all that a peer can cause are outcomes.
 */
export async function receiveFile(options: ReceiveFileOptions): Promise<ReceiveEnd> {
  const { file, partial, channel, pace, clock, stop, onStarted, onBytes } = options;
  let stamp: FileStamp | undefined;
  let failure: unknown;
  const start = partial.size();
  let arrived = start;

  function fail(error: unknown): void {
    failure ??= error;
    machine.feed({ kind: 'store-failed', isDiskFull: isSyncError(error, 'DISK_FULL') });
  }

  const sink = openReceiveSink({ ...options, onFailed: fail });
  const dialogue = openDialogue({ channel, clock, onInput: (input) => machine.feed(input), room: sink.room, pace });

  function perform(effect: Exclude<ReceiveEffect, { kind: 'ended' }>): void {
    switch (effect.kind) {
      case 'say':
        dialogue.say(effect.statement);
        break;
      case 'started':
        onStarted(effect.start);
        break;
      case 'append':
        arrived += effect.bytes.length;
        sink.append(effect.bytes);
        onBytes(arrived);
        break;
      case 'checkpoint':
        sink.checkpointAt(effect.bytes);
        break;
      case 'digest':
        sink.digest().then((digest) => machine.feed({ kind: 'digested', digest }), fail);
        break;
      case 'promote':
        partial.promote().then((promoted) => {
          stamp = promoted;
          machine.feed({ kind: 'promoted' });
        }, fail);
        break;
      default:
        never(effect);
    }
  }

  const machine = runMachine<ReceiveState, ReceiveInput, ReceiveEffect>({
    start: stay(startReceiving(file, start, clock.now())),
    stop,
    step: receiveStep,
    perform,
  });
  const ended = await machine.ended;
  const leaving = dialogue.leave();
  try {
    await sink[Symbol.asyncDispose]();
    await settle(partial, ended.partial, start);
  } finally {
    await leaving;
  }
  if (failure !== undefined && ended.outcome === 'interrupted') throw failure;
  const { outcome, bytes } = ended;
  return { outcome, bytes, mustStartOver: ended.partial === 'start-over', ...(stamp && { stamp }) };
}

/** An empty partial file would say that something is here. */
async function settle(partial: PartialFile, remains: Remains, start: number): Promise<void> {
  if (remains === 'cut-back') await partial.truncate(start);
  if (remains === 'discard' || remains === 'start-over' || partial.size() === 0) await partial.discard();
  await partial[Symbol.asyncDispose]();
}
