import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDeletions } from '../../../../../src/engine/files/disk/deletions.ts';
import { openJournalKeeper } from '../../../../../src/engine/journal/journal-keeper.ts';
import { fileIdOf } from '../../../../../src/events/file-id.ts';
import { createFileStore } from '../../../../../src/fetcher/disk/file-store-adapter.ts';
import type { Policy } from '../../../../../src/projections/policy/policy.ts';
import { person, writtenGroup } from '../../../../support/engine/live-conversations.ts';
import { memoryJournal } from '../../../../support/engine/memory-journal.ts';
import type { EventOf } from '../../../../support/events/events.ts';
import { sha3Of } from '../../../../support/fetcher/announced-file.ts';
import { temporaryDirectory } from '../../../../support/folders/temporary-directory.ts';
import { realClock } from '../../../../support/time/real-clock.ts';

const BYTES = Buffer.from('the bytes');
const announcement: EventOf<'file-announced'> = {
  kind: 'file-announced',
  displayName: 'mine.png',
  tid: '7',
  totalSize: BYTES.length,
  sha3sum: sha3Of(BYTES),
};
const log = { debug: () => {}, info: () => {}, warn: () => {} };

/** Person 1 has announced a file and taken it back; the device of person `n` has it, whole and in part. */
async function setUp({ n = 1, policy = { auto: 'pictures' } as Policy, isKnown = true } = {}) {
  const folder = await temporaryDirectory();
  const group = await writtenGroup({ store: createFileStore(folder) });
  const { id: interaction } = group.write(announcement);
  const fileId = fileIdOf(interaction, announcement);
  await mkdir(folder, { recursive: true });
  for (const name of [fileId, `${fileId}.tmp`]) await writeFile(join(folder, name), BYTES);
  group.write({ kind: 'file-deleted', edit: interaction });
  await group.conversation.refold();
  const keeper = await openJournalKeeper(memoryJournal(), log);
  const conversation = group.conversation;
  const verified = { kind: 'file-verified', conversation: conversation.id, interaction, fileId } as const;
  const verify = () => keeper.record({ ...verified, size: BYTES.length, mtimeMs: 1, inode: 1, at: 1 });
  if (isKnown) verify();
  const cancelled: string[] = [];
  const forgotten: string[] = [];
  const deletions = createDeletions({
    keys: person(n),
    keeper,
    clock: realClock,
    log,
    policy,
    live: new Map([[conversation.id, conversation]]),
    signal: new AbortController().signal,
    chunkLists: {
      ...{ kept: async () => undefined, of: async () => undefined, keep: async () => {} },
      forget: async (file) => void forgotten.push(file.fileId),
    },
    fetcher: { cancel: (file) => void cancelled.push(file.fileId) },
  });
  const record = () => keeper.state().files.get(interaction);
  return { conversation, deletions, folder, fileId, interaction, cancelled, forgotten, record, verify };
}

describe('a deletion that the log tells and the journal does not', () => {
  it('is carried out, as after a crash in between', async () => {
    const { conversation, deletions, folder, cancelled, forgotten, fileId, record } = await setUp();
    await deletions.sweep(conversation);
    expect(await readdir(folder)).toEqual([]);
    expect(record()).toMatchObject({ removed: 'deleted', presence: { kind: 'never-seen' } });
    expect(cancelled).toEqual([fileId]);
    expect(forgotten).toEqual([fileId]);
  });

  it('is carried out for bytes that the journal never heard of', async () => {
    const { conversation, deletions, folder } = await setUp({ isKnown: false });
    await deletions.sweep(conversation);
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves another member’s device its file, but no part of it', async () => {
    const { conversation, deletions, folder, fileId, record } = await setUp({ n: 2 });
    await deletions.sweep(conversation);
    expect(await readdir(folder)).toEqual([fileId]);
    expect(record()).toMatchObject({ presence: { kind: 'verified' }, removed: undefined });
  });

  it('is carried out once more when the last bytes arrive after it', async () => {
    const { conversation, deletions, folder, fileId, record, verify } = await setUp();
    await deletions.sweep(conversation);
    await writeFile(join(folder, fileId), BYTES);
    verify();
    await expect.poll(() => readdir(folder)).toEqual([]);
    await expect.poll(() => record()?.removed).toBe('deleted');
  });

  it('is not for files that nobody deleted', async () => {
    const { conversation, deletions, folder } = await setUp();
    await deletions.sweep(conversation, []);
    expect(await readdir(folder)).toHaveLength(2);
  });
});
