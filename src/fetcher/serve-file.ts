import { isSyncError } from '../errors.ts';
import { never } from '../never.ts';
import type { Channel, Clock } from '../ports.ts';
import { openDialogue } from './dialogue.ts';
import type { AnnouncedFile, ReadableFile } from './ports.ts';
import { readFrames } from './read-frames.ts';
import { runMachine } from './run-machine.ts';
import { type ServeEffect, type ServeInput, type ServeState, serveStep, startServing } from './serve-machine.ts';
import type { StopSignals } from './stop-signals.ts';
import type { Range } from './transfer-frame.ts';
import type { SubTransferOutcome } from './transfer-input.ts';

export interface ServeFileOptions {
  readonly file: AnnouncedFile;
  /** Its bytes, verified by the caller; stays the caller's. */
  readonly source: ReadableFile;
  /** Opened for this; owned, and closed in the end, by this. */
  readonly channel: Channel;
  readonly clock: Clock;
  readonly stop: StopSignals;
  /** The receiver wants the file from this byte on. */
  onStarted(start: number): void;
  /** The last byte that has left ends here. */
  onBytes(position: number): void;
}

export interface SubTransferEnd {
  readonly outcome: SubTransferOutcome;
  /** How far in the file it came. */
  readonly bytes: number;
}

/**
 * Proposes a file on a channel and sends what the receiver asks for: the driver of the serve machine.
 * Throws FILE_FAILED when our own file cannot be read; all that a peer can cause is an outcome.
 */
export async function serveFile(options: ServeFileOptions): Promise<SubTransferEnd> {
  const { file, source, channel, clock, stop, onStarted, onBytes } = options;
  let sending: Promise<void> | undefined;
  let hasEnded = false;
  let failure: unknown;
  const dialogue = openDialogue({ channel, clock, onInput: (input) => machine.feed(input) });

  async function send(ranges: readonly Range[]): Promise<void> {
    for await (const { message, position } of readFrames(source, ranges)) {
      if (hasEnded) return;
      await channel.send(message);
      onBytes(position);
      machine.feed({ kind: 'sent', position, at: clock.now() });
    }
    machine.feed({ kind: 'sent-all', at: clock.now() });
  }

  function onSendFailed(error: unknown): void {
    const isClosed = isSyncError(error, 'CHANNEL_CLOSED');
    if (!isClosed) failure = error;
    machine.feed({ kind: isClosed ? 'closed' : 'source-failed' });
  }

  function perform(effect: Exclude<ServeEffect, { kind: 'ended' }>): void {
    switch (effect.kind) {
      case 'say':
        dialogue.say(effect.statement);
        break;
      case 'started':
        onStarted(effect.start);
        break;
      case 'send':
        sending = send(effect.ranges).catch(onSendFailed);
        break;
      default:
        never(effect);
    }
  }

  const start = startServing(file, clock.now());
  const machine = runMachine<ServeState, ServeInput, ServeEffect>({ start, stop, step: serveStep, perform });
  const { outcome, bytes } = await machine.ended;
  hasEnded = true;
  await dialogue.leave();
  await sending;
  if (failure !== undefined && outcome === 'interrupted') throw failure;
  return { outcome, bytes };
}
