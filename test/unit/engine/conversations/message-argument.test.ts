import { expect, it } from 'vitest';
import { findMessage } from '../../../../src/engine/conversations/message-argument.ts';
import { findFile } from '../../../../src/engine/files/file-argument.ts';
import { writtenLog } from '../../../support/engine/live-conversations.ts';
import { GOLDEN_EVENTS } from '../../../support/events/events.ts';
import { thrownBy } from '../../../support/thrown.ts';

/** A text and a file, whose name begins as the text's id does. */
async function written() {
  const log = await writtenLog();
  const { id: text } = log.write(GOLDEN_EVENTS['message-sent']);
  const displayName = `${text.slice(0, 12)}_1.txt`;
  const { id: announced } = log.write({ ...GOLDEN_EVENTS['file-announced'], displayName });
  await log.conversation.refold();
  return { conversation: log.conversation, text, announced, displayName };
}

it('finds a message by its id, and a file by its id, its file id and its name', async () => {
  const { conversation, text, announced, displayName } = await written();
  expect(findMessage(conversation, text)).toBe(text);
  const { fileId } = findFile(conversation, announced);
  for (const word of [announced, fileId, displayName]) expect(findMessage(conversation, word)).toBe(announced);
});

it('finds nothing by a beginning that several have, or that nobody has', async () => {
  const { conversation, text } = await written();
  await thrownBy('AMBIGUOUS', async () => findMessage(conversation, text.slice(0, 4)));
  for (const word of ['', 'nobody.txt'])
    await thrownBy('INTERACTION_UNKNOWN', async () => findMessage(conversation, word));
});
