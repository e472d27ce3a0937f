import { describe, expect, it } from 'vitest';
import { findFile } from '../../../../src/engine/files/file-argument.ts';
import { writtenLog } from '../../../support/engine/live-conversations.ts';
import { GOLDEN_EVENTS } from '../../../support/events/events.ts';
import { commitId } from '../../../support/events/interactions.ts';
import { thrownBy } from '../../../support/thrown.ts';

/** Announcements with the ids …410 and …411; …412 is a text. */
async function twoFiles() {
  const log = await writtenLog({ first: 0x40f });
  log.write(GOLDEN_EVENTS['file-announced']);
  log.write(GOLDEN_EVENTS['file-announced']);
  log.write(GOLDEN_EVENTS['message-sent']);
  await log.conversation.refold();
  return log.conversation;
}

describe('the file that a person means', () => {
  it.each([0x410, 0x411])('is found by its interaction, and by its file id', async (id) => {
    const conversation = await twoFiles();
    const found = findFile(conversation, commitId(id));
    expect(found.interaction).toBe(commitId(id));
    expect(findFile(conversation, found.fileId)).toBe(found);
    expect(findFile(conversation, found.fileId.slice(0, -3))).toBe(found);
  });

  it('is found after it was taken back', async () => {
    const log = await writtenLog();
    const { id } = log.write(GOLDEN_EVENTS['file-announced']);
    log.write({ kind: 'file-deleted', edit: id });
    await log.conversation.refold();
    expect(findFile(log.conversation, id)).toMatchObject({ interaction: id, isDeleted: true });
  });

  it('is not guessed: the error says how many there are, and how one would be told apart', async () => {
    const conversation = await twoFiles();
    const word = commitId(0x410).slice(0, 11);
    const error = await thrownBy('AMBIGUOUS', async () => findFile(conversation, word));
    expect(error.data).toMatchObject({ count: 2, word });
    expect(error.message).toContain(commitId(0x410));
  });

  it('is none when no announced file begins so', async () => {
    const conversation = await twoFiles();
    await thrownBy('INTERACTION_UNKNOWN', async () => findFile(conversation, commitId(0x412)));
  });

  it('is found by its name when no other has it', async () => {
    const log = await writtenLog({ first: 0x40f });
    const { id } = log.write({ ...GOLDEN_EVENTS['file-announced'], displayName: 'a film.bin' });
    for (let i = 0; i < 2; i += 1) log.write({ ...GOLDEN_EVENTS['file-announced'], displayName: 'twice.txt' });
    await log.conversation.refold();
    expect(findFile(log.conversation, 'a film.bin').interaction).toBe(id);
    const error = await thrownBy('AMBIGUOUS', async () => findFile(log.conversation, 'twice.txt'));
    expect(error.data).toMatchObject({ count: 2, word: 'twice.txt' });
  });

  it('is the one that is still there when a deleted one had its name', async () => {
    const log = await writtenLog();
    const film = { ...GOLDEN_EVENTS['file-announced'], displayName: 'a film.bin' };
    const [first, second] = [log.write(film), log.write(film)];
    log.write({ kind: 'file-deleted', edit: first.id });
    await log.conversation.refold();
    expect(findFile(log.conversation, 'a film.bin').interaction).toBe(second.id);

    log.write({ kind: 'file-deleted', edit: second.id });
    await log.conversation.refold();
    await thrownBy('AMBIGUOUS', async () => findFile(log.conversation, 'a film.bin'));
  });

  it.each(['', 'zz', '../..', 'A'.repeat(40)])('is none for %j', async (word) => {
    const conversation = await twoFiles();
    const error = await thrownBy('INTERACTION_UNKNOWN', async () => findFile(conversation, word));
    expect(error.message).toContain(`"${word}"`);
  });
});
