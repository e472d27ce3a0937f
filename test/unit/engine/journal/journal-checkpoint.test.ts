import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Journal } from '../../../../src/engine/journal/journal.ts';
import type { JournalCheckpoint, KeptFold } from '../../../../src/engine/journal/journal-checkpoint.ts';
import { openJournalCheckpoint } from '../../../../src/engine/journal/journal-checkpoint-adapter.ts';
import { openJournalKeeper } from '../../../../src/engine/journal/journal-keeper.ts';
import { SyncError } from '../../../../src/errors.ts';
import type { JournalRecord } from '../../../../src/events/journal-record.ts';
import { ConversationId } from '../../../../src/ids.ts';
import { JOURNAL_CHECKPOINT_RECORDS } from '../../../../src/limits.ts';
import { evolveJournalAll, initialJournalState } from '../../../../src/projections/journal/journal-state.ts';
import { piecesOf } from '../../../../src/projections/journal/kept-state.ts';
import { memoryJournal } from '../../../support/engine/memory-journal.ts';
import { commitId, device } from '../../../support/events/interactions.ts';
import { GOLDEN_RECORDS } from '../../../support/events/journal-records.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';
import { quietLog } from '../../../support/quiet-log.ts';

const conversation = ConversationId.parse(commitId(1));
const admitted = (n: number): JournalRecord => ({
  ...{ kind: 'commit-admitted', conversation, commit: commitId(n), from: device(1), at: n },
});
const ENOUGH = Array.from({ length: JOURNAL_CHECKPOINT_RECORDS }, (_, n) => admitted(n));

/** In memory. */
function memoryCheckpoint(): JournalCheckpoint & { kept: KeptFold | undefined } {
  const checkpoint = {
    kept: undefined as KeptFold | undefined,
    load: async () => checkpoint.kept,
    async keep(fold: KeptFold) {
      checkpoint.kept = fold;
    },
  };
  return checkpoint;
}

/** A journal that remembers from where it was read. */
function readJournal(inner: Journal): Journal & { readonly from: number[] } {
  const from: number[] = [];
  return {
    ...inner,
    from,
    get length() {
      return inner.length;
    },
    read(position) {
      from.push(position);
      return inner.read(position);
    },
  };
}

const admittedHere = ({ state }: Awaited<ReturnType<typeof openJournalKeeper>>) =>
  state().admitted.get(conversation)?.size;

async function engineOver(journal: Journal, checkpoint: JournalCheckpoint, records: readonly JournalRecord[]) {
  const keeper = await openJournalKeeper(journal, quietLog, checkpoint);
  keeper.recordAll(records);
  await keeper.close();
}

describe('a journal with a checkpoint', () => {
  it('is read from where the checkpoint ends', async () => {
    const [journal, checkpoint] = [readJournal(memoryJournal()), memoryCheckpoint()];
    await engineOver(journal, checkpoint, ENOUGH);
    expect(checkpoint.kept?.length).toBe(ENOUGH.length);
    await journal.append([admitted(5000)]);
    const keeper = await openJournalKeeper(journal, quietLog, checkpoint);
    expect(journal.from).toEqual([0, ENOUGH.length]);
    expect(admittedHere(keeper)).toBe(ENOUGH.length + 1);
  });

  it('has none while it is short', async () => {
    const checkpoint = memoryCheckpoint();
    await engineOver(memoryJournal(), checkpoint, ENOUGH.slice(1));
    expect(checkpoint.kept).toBeUndefined();
  });

  it.each([
    ['is shorter', ENOUGH.slice(1)],
    ['holds another record', [...ENOUGH.slice(1), admitted(6000), admitted(6001)]],
  ])('is read from its beginning when it %s than the one that was kept', async (_, records) => {
    const checkpoint = memoryCheckpoint();
    await engineOver(memoryJournal(), checkpoint, ENOUGH);
    const journal = readJournal(memoryJournal());
    await journal.append(records);
    const keeper = await openJournalKeeper(journal, quietLog, checkpoint);
    expect(journal.from).toEqual([0]);
    expect(admittedHere(keeper)).toBe(records.length);
  });

  it('goes on without one that cannot be written, and says so', async () => {
    const warnings: string[] = [];
    const log = { ...quietLog, warn: (message: string) => void warnings.push(message) };
    const full = { load: async () => undefined, keep: () => Promise.reject(new SyncError('DISK_FULL', { path: 'x' })) };
    const keeper = await openJournalKeeper(memoryJournal(), log, full);
    keeper.recordAll(ENOUGH);
    await keeper.close();
    expect(admittedHere(keeper)).toBe(ENOUGH.length);
    expect(warnings).toEqual(["the journal's checkpoint cannot be written"]);
  });
});

describe('the file of a checkpoint', () => {
  const fold: KeptFold = {
    ...{ length: 3, fingerprint: 'f' },
    state: evolveJournalAll(initialJournalState, [...Object.values(GOLDEN_RECORDS), ...ENOUGH]),
  };
  const said = (one: KeptFold | undefined) => one && { ...one, state: [...piecesOf(one.state)] };

  it('gives back what was kept last, and nothing at first', async () => {
    const checkpoint = openJournalCheckpoint(join(await temporaryDirectory(), 'checkpoint'));
    expect(await checkpoint.load()).toBeUndefined();
    await checkpoint.keep({ ...fold, length: 2 });
    await checkpoint.keep(fold);
    expect(said(await checkpoint.load())).toStrictEqual(said(fold));
  });

  it('is as good as none when any byte of it is another, or missing', async () => {
    const path = join(await temporaryDirectory(), 'checkpoint');
    const checkpoint = openJournalCheckpoint(path);
    await checkpoint.keep(fold);
    const whole = await readFile(path);
    const places = fc.nat(whole.length - 1);
    const damage = fc.oneof(
      places.map((at) => () => truncate(path, at)),
      places.map((at) => () => writeFile(path, whole.with(at, (whole[at] ?? 0) ^ 1))),
    );
    await fc.assert(
      fc.asyncProperty(damage, async (spoil) => {
        await writeFile(path, whole);
        await spoil();
        expect(await checkpoint.load()).toBeUndefined();
      }),
      { numRuns: 25 },
    );
  });
});
