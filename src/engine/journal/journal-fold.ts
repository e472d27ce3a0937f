import { messageOf } from '../../errors.ts';
import type { JournalRecord } from '../../events/journal-record.ts';
import { JOURNAL_CHECKPOINT_RECORDS } from '../../limits.ts';
import type { Log } from '../../ports.ts';
import { evolveJournalAll, initialJournalState } from '../../projections/journal/journal-state.ts';
import type { Journal } from './journal.ts';
import type { JournalCheckpoint, JournalFold } from './journal-checkpoint.ts';

export interface FoldJournal {
  readonly journal: Pick<Journal, 'length' | 'read' | 'fingerprint'>;
  /** Without one, every record is read. */
  readonly checkpoint: JournalCheckpoint | undefined;
}

/** Folds all of a journal: on from its checkpoint, where that is of the very records that the journal begins with. */
export async function foldJournal(parts: FoldJournal): Promise<JournalFold & { readonly kept: number }> {
  const { journal } = parts;
  const { length: kept, state: start } = (await fittingFold(parts)) ?? { length: 0, state: initialJournalState };
  let state = start;
  let group: JournalRecord[] = [];
  for await (const { record } of journal.read(kept)) {
    group.push(record);
    if (group.length < FOLDED_TOGETHER) continue;
    state = evolveJournalAll(state, group);
    group = [];
  }
  return { length: journal.length, state: evolveJournalAll(state, group), kept };
}

/** A millisecond or two. */
const FOLDED_TOGETHER = 256;

async function fittingFold({ journal, checkpoint }: FoldJournal): Promise<JournalFold | undefined> {
  const fold = await checkpoint?.load();
  if (!fold || fold.length > journal.length) return undefined;
  // One that is not to be had says that something is wrong, and reading every record says what.
  const fingerprint = await journal.fingerprint(fold.length).catch(() => undefined);
  return fingerprint === fold.fingerprint ? fold : undefined;
}

/** Keeps the checkpoint behind the journal. */
export interface FoldKeeper {
  /** The journal has grown: when it is much, its fold is kept, beside whatever else is done. */
  follow(fold: JournalFold): void;
  /** Keeps the last fold, when that spares the next start enough. */
  close(): Promise<void>;
}

export interface FoldKeeperParts extends FoldJournal {
  /** How many records the checkpoint has already. */
  readonly kept: number;
  /** Hears of a checkpoint that cannot be written: the next start reads more records, and nothing else comes of it. */
  readonly report: Pick<Log, 'warn'>;
}

/**
 * While an engine runs, a checkpoint is written when the journal has grown by an eighth: a few times as much as it will
 * be in the end.
 */
export function createFoldKeeper({ journal, checkpoint, kept, report }: FoldKeeperParts): FoldKeeper {
  let latest: JournalFold | undefined;
  let tried = kept;
  let keeping: Promise<void> | undefined;

  async function keep(target: JournalCheckpoint, { length, state }: JournalFold): Promise<void> {
    try {
      await target.keep({ length, state, fingerprint: await journal.fingerprint(length) });
    } catch (error) {
      report.warn("the journal's checkpoint cannot be written", { reason: messageOf(error) });
    }
  }

  function look(atLeast: number): void {
    if (!checkpoint || !latest || keeping !== undefined || latest.length - tried < atLeast) return;
    tried = latest.length;
    keeping = keep(checkpoint, latest).finally(() => {
      keeping = undefined;
    });
  }

  return {
    follow(fold) {
      latest = fold;
      look(Math.max(JOURNAL_CHECKPOINT_RECORDS, tried / 8));
    },
    async close() {
      await keeping;
      look(JOURNAL_CHECKPOINT_RECORDS);
      await keeping;
    },
  };
}
