import { describe, expect, it } from 'vitest';
import { createNotebook } from '../../../../../src/fetcher/notebook.ts';
import { createQuestions } from '../../../../../src/fetcher/transfer/receive/ask-for-file.ts';
import { REQUEST_ANSWER_MS } from '../../../../../src/limits.ts';
import { announcedFile, someBytes } from '../../../../support/fetcher/announced-file.ts';
import { channelPair, somePeer } from '../../../../support/net/channel-pair.ts';
import { createVirtualClock } from '../../../../support/time/virtual-clock.ts';

const file = announcedFile(someBytes(10));
const other = announcedFile(someBytes(10), 2);
const [alice, bob] = [somePeer('a'), somePeer('b')];

/** Bob has asked alice for the file. */
function asked() {
  const clock = createVirtualClock();
  const options = { self: bob, clock, sendMessage: async () => {} };
  const questions = createQuestions(
    options,
    createNotebook(async () => {}),
  );
  const stop = new AbortController();
  const { left, right } = channelPair('data-transfer', { leftPeer: alice });
  const answer = questions.ask(file, alice.device, { signal: stop.signal });
  return { clock, questions, stop, answer, proposed: right, alices: left };
}

describe('a question for a file', () => {
  it('is answered by the channel of the device that was asked', async () => {
    const { questions, answer, proposed } = asked();
    expect(questions.onProposed(file, proposed)).toBe(true);
    expect(await answer).toEqual({ kind: 'proposed', channel: proposed });
    expect(proposed.closed.aborted).toBe(false);
  });

  it('closes the channel that came in the moment in which nobody wanted it any more', async () => {
    const { questions, stop, answer, proposed } = asked();
    expect(questions.onProposed(file, proposed)).toBe(true);
    stop.abort('tired');
    await expect(answer).rejects.toBe('tired');
    expect(proposed.closed.aborted).toBe(true);
  });

  it('takes no channel after its time', async () => {
    const { clock, questions, answer, proposed } = asked();
    await clock.advance(REQUEST_ANSWER_MS);
    expect(await answer).toEqual({ kind: 'declined', reason: 'no-answer' });
    expect(questions.onProposed(file, proposed)).toBe(false);
  });

  it('takes no channel with another file, and none of another device', async () => {
    const { questions, stop, answer, proposed } = asked();
    expect(questions.onProposed(other, proposed)).toBe(false);
    const { right: carols } = channelPair('data-transfer', { leftPeer: somePeer('c') });
    expect(questions.onProposed(file, carols)).toBe(false);
    stop.abort('tired');
    await expect(answer).rejects.toBe('tired');
  });

  it('is not answered by a refusal of another file, or of another device', async () => {
    const { questions, answer } = asked();
    const { conversation, interaction } = file;
    const no = { conversation, answer: 'declined' as const };
    questions.onDeclined(alice, { ...no, interaction: other.interaction, reason: 'deleted' });
    questions.onDeclined(somePeer('c'), { ...no, interaction, reason: 'paused' });
    questions.onDeclined(alice, { ...no, interaction, reason: 'has-not' });
    expect(await answer).toEqual({ kind: 'declined', reason: 'has-not' });
  });
});
