import { isSyncError } from '../../errors.ts';
import { TRANSFER_FAREWELL_MS, TRANSFER_PENDING_BYTES } from '../../limits.ts';
import { never } from '../../never.ts';
import type { Channel, Clock, Milliseconds } from '../../ports.ts';
import type { PaceShare } from '../pace/pace.ts';
import { everyTick } from './every-tick.ts';
import {
  decodeFrame,
  encodeStatement,
  type Frame,
  type Statement,
  USERS_WORDS,
  type UsersWord,
} from './transfer-frame.ts';
import type { TransferInput } from './transfer-input.ts';

export interface DialogueOptions {
  readonly channel: Channel;
  readonly clock: Clock;
  /** Called with all that happens, one after the other, until `leave`. Must not throw. */
  readonly onInput: (input: TransferInput) => void;
  /**
   * The next message is not read before this resolves: how a slow disk or hash holds the source back. Must not reject.
   * Undefined when there is room already.
   */
  readonly room?: () => Promise<void> | undefined;
  /** Nor before the bytes of this one have been let through. */
  readonly pace?: PaceShare;
}

/** Both sides' talk on a data-transfer channel: turns messages, silence and the end of the channel into inputs of a step machine. */
export interface Dialogue {
  /** In order; what cannot be said any more is heard of as `closed`. */
  say(statement: Statement): void;
  /**
   * Says by closing the channel at once that our user wants no more of it: a statement would wait behind all bytes that the
   * other side has no time, or no bandwidth, to take.
   */
  breakOff(reason: UsersWord): void;
  /** Ends the talk: gives the other side a moment to read the last word, then closes. The channel is closed afterwards. */
  leave(): Promise<void>;
}

export function openDialogue({ channel, clock, onInput, room, pace }: DialogueOptions): Dialogue {
  const over = new AbortController();
  /** Whoever leaves waits for no bytes any more. */
  const leaving = new AbortController();
  let isListening = true;
  let hasLeft = false;
  const drain = drainOf(channel);
  let speaking = Promise.resolve();

  function hear(input: TransferInput): void {
    if (!hasLeft) onInput(input);
  }

  /** What has to be waited for before the next message is read, if anything. */
  function take(message: Uint8Array): Promise<void> | undefined {
    const input = inputOf(decodeFrame(message), clock.now());
    const length = bytesIn(input);
    if (input) hear(input);
    if (length === 0 || !pace?.isLimited()) return room?.();
    return Promise.resolve(room?.()).then(() => pace.take(length, leaving.signal));
  }

  async function holdBack(wait: Promise<void>): Promise<void> {
    isListening = false;
    await wait.catch(() => {});
    isListening = true;
  }

  /** Goes on reading after `leave`: the other side waits until its end marker has been read. */
  async function listen(): Promise<void> {
    let last: TransferInput = { kind: 'closed' };
    try {
      for await (const message of channel.messages({ signal: over.signal })) {
        const wait = hasLeft ? drain(message) : take(message);
        // Nearly always there is nothing to wait for, and then not even a turn is given away.
        if (wait !== undefined) await holdBack(wait);
      }
    } catch (error) {
      last = inputOfEnd(error, clock.now());
    }
    hear(last);
  }

  /** The farewell is a courtesy: however it fails, the channel is closed. */
  async function farewell(): Promise<void> {
    const deadline = clock.wait(TRANSFER_FAREWELL_MS, over.signal).then(
      () => channel.close('the transfer is over'),
      () => {},
    );
    await speaking;
    await channel.end({ signal: over.signal }).catch(() => {});
    channel.close('the transfer is over');
    over.abort();
    await deadline;
  }

  const stopWatching = onBreakOff(channel, () => hear(inputOfEnd(channel.closed.reason, clock.now())));
  const listening = listen();
  const ticking = everyTick(clock, over.signal, (at) => hear({ kind: 'tick', at, isListening }));
  return {
    say(statement) {
      speaking = speaking.then(() => channel.send(encodeStatement(statement))).catch(() => hear({ kind: 'closed' }));
    },
    breakOff: (reason) => channel.close(reason),
    async leave() {
      hasLeft = true;
      leaving.abort();
      stopWatching();
      await farewell();
      await Promise.all([listening, ticking]);
    },
  };
}

/** After `leave`: one who has not heard our last word may still be sending, but not for ever. */
function drainOf(channel: Channel): (message: Uint8Array) => undefined {
  let drained = 0;
  return (message) => {
    drained += message.length;
    if (drained > TRANSFER_PENDING_BYTES) channel.close('the transfer is over');
  };
}

/** Calls back when the other side breaks off, also while nobody reads. Any other end comes after what was sent before it. */
function onBreakOff({ closed }: Channel, heard: () => void): () => void {
  const listener = () => void (wordIn(closed.reason) && heard());
  closed.addEventListener('abort', listener, { once: true });
  return () => closed.removeEventListener('abort', listener);
}

function inputOfEnd(error: unknown, at: Milliseconds): TransferInput {
  const reason = wordIn(error);
  return reason ? { kind: 'said', statement: { say: 'cancel', reason }, at } : { kind: 'closed' };
}

function wordIn(error: unknown): UsersWord | undefined {
  return isSyncError(error, 'CHANNEL_CLOSED') ? USERS_WORDS.find((word) => word === error.data.reason) : undefined;
}

/** Asked before anybody hears of the bytes, who may send them elsewhere with their memory. */
function bytesIn(input: TransferInput | undefined): number {
  return input && 'bytes' in input ? input.bytes.length : 0;
}

function inputOf(frame: Frame, at: number): TransferInput | undefined {
  switch (frame.kind) {
    case 'piece':
      return { kind: 'piece', start: frame.start, bytes: frame.bytes, at };
    case 'bytes':
      return { kind: 'bytes', bytes: frame.bytes, at };
    case 'hashes':
      return { kind: 'hashes', hashes: frame.hashes, at };
    case 'statement':
      return { kind: 'said', statement: frame.statement, at };
    case 'malformed':
      return { kind: 'malformed' };
    case 'unknown':
      return undefined;
    default:
      return never(frame);
  }
}
