import { createBell } from '../../bell.ts';
import { startDeadline, withDeadline } from '../../deadline.ts';
import { messageOf, SyncError } from '../../errors.ts';
import { RECORD_FLUSH_MS, RECORD_SESSION_MS, SIGNALS_WAITING } from '../../limits.ts';
import type { Clock, Log, Random } from '../../ports.ts';
import { createMessageReader, encodeMessage } from '../signalling/message-codec.ts';
import type { SignalStream } from '../signalling/signal-stream.ts';
import { lookForPages } from './look-for-pages.ts';
import { writePages } from './page-writer.ts';
import type { Side } from './record-keys.ts';
import type { RecordStore } from './record-store.ts';
import type { RecordSession } from './ring.ts';

export interface RecordSignalsOptions {
  readonly session: RecordSession;
  /** Which one we are. */
  readonly side: Side;
  readonly store: Pick<RecordStore, 'put' | 'get'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Ends it at once. */
  readonly signal: AbortSignal;
  onClosed(): void;
}

/** Messages by records: what is said is put into the DHT, and what the other side says is looked for there. */
export function recordSignals(options: RecordSignalsOptions): SignalStream {
  const { session, side, clock, log, onClosed } = options;
  const deadline = startDeadline({
    what: 'Signalling by records',
    ms: RECORD_SESSION_MS,
    clock,
    signal: options.signal,
  });
  const closed = new AbortController();
  const signal = AbortSignal.any([deadline.signal, closed.signal]);
  const reader = createMessageReader();
  const received: unknown[] = [];
  const changed = createBell();
  let said: Uint8Array = new Uint8Array();
  let hasEnded = false;

  const end = () => {
    hasEnded = true;
    changed.ring();
  };
  const endBecause = (error: unknown) => {
    if (!signal.aborted) log.debug('signalling by records ended', { reason: messageOf(error) });
    end();
  };
  const onBytes = (bytes: Uint8Array) => {
    received.push(...reader.push(bytes));
    if (received.length > SIGNALS_WAITING)
      throw new SyncError('LIMIT_EXCEEDED', { what: 'Signals', limit: SIGNALS_WAITING, actual: received.length });
    changed.ring();
  };
  const shared = { ...options, signal };
  const written = writePages({ ...shared, changed, said: () => said, isEnded: () => hasEnded }).catch(endBecause);
  const others: Side = side === 'dialer' ? 'answerer' : 'dialer';
  lookForPages({ ...shared, side: others, onBytes }).then(end, endBecause);

  async function letGo(): Promise<void> {
    const flushing = { what: 'Saying the last word by records', ms: RECORD_FLUSH_MS, clock, signal };
    await withDeadline(flushing, () => written).catch(() => {});
    closed.abort(new SyncError('CANCELLED', { what: 'Signalling by records' }));
    deadline[Symbol.dispose]();
    onClosed();
  }

  let isClosed = false;
  return {
    isLocal: false,
    isSlow: true,
    remotePublicKey: session.peer,
    send(message) {
      if (hasEnded) return;
      said = Buffer.concat([said, encodeMessage(message)]);
      changed.ring();
    },
    async receive({ signal: patience }) {
      await changed.until(() => received.length > 0 || hasEnded, patience);
      return received.length > 0 ? { message: received.shift() } : undefined;
    },
    close() {
      end();
      if (!isClosed) void letGo();
      isClosed = true;
    },
  };
}
