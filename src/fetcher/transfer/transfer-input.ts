import type { SUB_TRANSFER_FAILURES } from '../../events/journal-record.ts';
import { SILENCE_MS } from '../../limits.ts';
import type { Milliseconds } from '../../ports.ts';
import type { StopReason } from './stop-signals.ts';
import type { CancelReason, Statement } from './transfer-frame.ts';

export type SubTransferFailure = (typeof SUB_TRANSFER_FAILURES)[number];
export type SubTransferOutcome = 'complete' | SubTransferFailure;

/** How a sub-transfer ends that the other side cancelled. */
export function outcomeOfCancel(reason: CancelReason): 'cancelled' | 'paused-there' | 'interrupted' {
  if (reason === 'paused') return 'paused-there';
  return reason === 'cancelled' ? 'cancelled' : 'interrupted';
}

/** What can happen to either side of a sub-transfer. `at` is the time it happened. */
export type TransferInput =
  | { readonly kind: 'said'; readonly statement: Statement; readonly at: Milliseconds }
  /** Bytes of the file, in a message of their own; never none. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly at: Milliseconds }
  /** Bytes of the file that begin at `start`; never none. */
  | { readonly kind: 'piece'; readonly start: number; readonly bytes: Uint8Array; readonly at: Milliseconds }
  /** A stretch of the list of chunk hashes, in order. */
  | { readonly kind: 'hashes'; readonly hashes: Uint8Array; readonly at: Milliseconds }
  | { readonly kind: 'malformed' }
  /** The other side ended or closed the channel, or the link broke. */
  | { readonly kind: 'closed' }
  /** Time goes by. While we do not listen, because our own disk or hash is behind, the other side's silence does not count. */
  | { readonly kind: 'tick'; readonly at: Milliseconds; readonly isListening: boolean }
  /** Our user does not want it any more, or not now, or our engine ends. */
  | { readonly kind: 'stopped'; readonly reason: StopReason };

export type Tick = TransferInput & { readonly kind: 'tick' };

/** When the other side counts as heard last, and whether that is too long ago. */
export function listen(heardAt: Milliseconds, tick: Tick): { heardAt: Milliseconds; isSilent: boolean } {
  if (!tick.isListening) return { heardAt: tick.at, isSilent: false };
  return { heardAt, isSilent: tick.at - heardAt > SILENCE_MS };
}
