import { messageOf } from '../../errors.ts';
import type { JournalRecord } from '../../events/journal-record.ts';
import { JOURNAL_RECORDS_AT_ONCE } from '../../limits.ts';
import type { Log } from '../../ports.ts';
import { evolveJournalAll, type JournalState } from '../../projections/journal/journal-state.ts';
import type { Journal } from './journal.ts';
import type { JournalCheckpoint } from './journal-checkpoint.ts';
import { createFoldKeeper, foldJournal } from './journal-fold.ts';

/**
 * The journal and its fold, kept in step.
 *
 * Invariant: records reach the disk in the order they were given; the state may be ahead of the disk by those that are
 * on their way, never by more. What a crash takes with it are facts that a scan or the next request finds out again.
 */
export interface JournalKeeper {
  state(): JournalState;
  record(...records: readonly JournalRecord[]): void;
  /** The same for any number: an argument list is bounded. */
  recordAll(records: readonly JournalRecord[]): void;
  /** Told of every record once the state has it; of those that were given together, together. Returns how to stop listening. */
  listen(listener: (records: readonly JournalRecord[]) => void): () => void;
  /** Resolves when everything recorded so far is on disk; throws what keeps it from getting there. */
  flushed(): Promise<void>;
  /** As `flushed`; then keeps the checkpoint up to date, if that is worth it. */
  close(): Promise<void>;
}

/** Throws STORE_CORRUPT for a journal of which something cannot be read. */
export async function openJournalKeeper(
  journal: Journal,
  log: Log,
  checkpoint?: JournalCheckpoint,
): Promise<JournalKeeper> {
  const listeners = new Set<(records: readonly JournalRecord[]) => void>();
  const { kept, ...folded } = await foldJournal({ journal, checkpoint });
  const folds = createFoldKeeper({ journal, checkpoint, kept, report: log });
  folds.follow(folded);
  let { state } = folded;
  let pending: JournalRecord[] = [];
  let writing: Promise<void> | undefined;

  /** Writes until nothing is pending. Records that could not be written stay in front of the queue. */
  async function write(): Promise<void> {
    while (pending.length > 0) {
      const batch = pending;
      pending = [];
      const folded = state;
      let appended = 0;
      try {
        for (; appended < batch.length; appended += JOURNAL_RECORDS_AT_ONCE)
          await journal.append(batch.slice(appended, appended + JOURNAL_RECORDS_AT_ONCE));
        folds.follow({ length: journal.length, state: folded });
        // What comes meanwhile is the next batch, so there is one flush at a time, however many records there are.
        await journal.flush().catch(warn);
      } catch (error) {
        pending = [...batch.slice(appended), ...pending];
        throw error;
      }
    }
  }

  /** The records are in the journal, and would be twice if they were appended again. */
  function warn(error: unknown): void {
    log.warn('the journal may not survive a power failure', { reason: messageOf(error) });
  }

  function startWriting(): Promise<void> {
    writing ??= write().finally(() => {
      writing = undefined;
    });
    return writing;
  }

  function recordAll(records: readonly JournalRecord[]): void {
    if (records.length === 0) return;
    state = evolveJournalAll(state, records);
    for (const record of records) pending.push(record);
    startWriting().catch((error: unknown) => log.warn('the journal cannot be written', { reason: messageOf(error) }));
    for (const listener of listeners) listener(records);
  }

  async function flushed(): Promise<void> {
    while (pending.length > 0 || writing !== undefined) await startWriting();
  }

  return {
    state: () => state,
    record: (...records) => recordAll(records),
    recordAll,
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    flushed,
    async close() {
      await flushed();
      await folds.close();
    },
  };
}
