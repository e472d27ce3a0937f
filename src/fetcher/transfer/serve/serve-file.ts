import { isSyncError } from '../../../errors.ts';
import { never } from '../../../never.ts';
import type { Channel, Clock } from '../../../ports.ts';
import type { PaceShare } from '../../pace/pace.ts';
import type { AnnouncedFile, ReadableFile } from '../../ports.ts';
import { openDialogue } from '../dialogue.ts';
import { runMachine } from '../run-machine.ts';
import type { StopSignals } from '../stop-signals.ts';
import { type Statement, usersWordIn } from '../transfer-frame.ts';
import type { SubTransferOutcome } from '../transfer-input.ts';
import { openOutflow } from './outflow.ts';
import { type ServeEffect, type ServeInput, type ServeState, serveStep, startServing } from './serve-machine.ts';

export interface ServeFileOptions {
  readonly file: AnnouncedFile;
  /** Its bytes, verified by the caller; stays the caller's. */
  readonly source: ReadableFile;
  /** Opened for this; owned, and closed in the end, by this. */
  readonly channel: Channel;
  readonly pace: PaceShare;
  readonly clock: Clock;
  readonly stop: StopSignals;
  /** The list of the file's chunk hashes; called only when the file has chunks. */
  chunkHashes(signal: AbortSignal): Promise<Uint8Array>;
  /** The receiver wants the file from this byte on; of a file in chunks, it has so many of its bytes already. */
  onStarted(start: number): void;
  /** The last byte that has left ends here; of a file in chunks, so many have left, or were there. */
  onBytes(position: number): void;
  /** Of a file in chunks: the receiver says that it has so many bytes by now, from whomever. */
  onTold(held: number): void;
  /** It has been decided how it ends; what follows is the farewell. */
  onEnding(): void;
}

export interface SubTransferEnd {
  readonly outcome: SubTransferOutcome;
  /** How far in the file it came; of a file in chunks, how many bytes this side had a hand in. */
  readonly bytes: number;
}

/**
 * Proposes a file on a channel and sends what the receiver asks for: the driver of the serve machine.
 * Throws FILE_FAILED, WORKER_FAILED when our own file cannot be read; all that a peer can cause is an outcome.
 */
export async function serveFile(options: ServeFileOptions): Promise<SubTransferEnd> {
  const { file, channel, clock, stop } = options;
  let failure: unknown;
  const dialogue = openDialogue({ channel, clock, onInput: (input) => machine.feed(input) });
  const outflow = openOutflow({
    ...options,
    onSent: (position) => machine.feed({ kind: 'sent', position, at: clock.now() }),
    onSentAll: () => machine.feed({ kind: 'sent-all', at: clock.now() }),
    onTooMuch: () => machine.feed({ kind: 'malformed' }),
    onFailed(error) {
      const isClosed = isSyncError(error, 'CHANNEL_CLOSED');
      if (!isClosed) failure = error;
      machine.feed({ kind: isClosed ? 'closed' : 'source-failed' });
    },
  });

  /** What our user says does not wait behind the bytes that are on their way. */
  function say(statement: Statement): void {
    const word = usersWordIn(statement);
    if (word) dialogue.breakOff(word);
    else dialogue.say(statement);
  }

  function perform(effect: Exclude<ServeEffect, { kind: 'ended' }>): void {
    switch (effect.kind) {
      case 'say':
        say(effect.statement);
        break;
      case 'started':
        options.onStarted(effect.start);
        break;
      case 'moved':
        options.onBytes(effect.position);
        break;
      case 'told':
        options.onTold(effect.held);
        break;
      case 'send':
        outflow.send(effect);
        break;
      case 'skip':
        outflow.skip(effect.ranges);
        break;
      default:
        never(effect);
    }
  }

  const start = startServing(file, clock.now());
  const machine = runMachine<ServeState, ServeInput, ServeEffect>({ start, stop, step: serveStep, perform });
  const { outcome, bytes } = await machine.ended;
  options.onEnding();
  const stopping = outflow[Symbol.asyncDispose]();
  await dialogue.leave();
  await stopping;
  if (failure !== undefined && outcome === 'interrupted') throw failure;
  return { outcome, bytes };
}
