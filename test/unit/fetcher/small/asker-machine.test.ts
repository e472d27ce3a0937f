import { describe, expect, it } from 'vitest';
import { type AskerInput, askerStep, startAsking } from '../../../../src/fetcher/small/asker-machine.ts';
import { REQUEST_ANSWER_MS, SLOW_SOURCE_BYTES, SLOW_SOURCE_FILES, SLOW_SOURCE_MS } from '../../../../src/limits.ts';
import { announcedFile, someBytes } from '../../../support/fetcher/announced-file.ts';

const TURN_MS = 10_000;
const COUNT = 10 * SLOW_SOURCE_FILES;

/** A source brings so many of the files each ten seconds, or declines them; what becomes of those that wait is told. */
function endsOf({ each, length, how }: { each: number; length: number; how: 'brings' | 'declines' }) {
  const files = Array.from({ length: COUNT }, (_, place) => {
    const bytes = someBytes(length, place);
    return { bytes, file: announcedFile(bytes, 0x1000 + place) };
  });
  let state = startAsking(0);
  const ends: object[] = [];
  const feed = (input: AskerInput) => {
    const stepped = askerStep(state, input);
    state = stepped.state;
    for (const effect of stepped.effects) {
      if (effect.kind === 'settled') ends.push(effect.end);
      if (effect.kind === 'place')
        feed({
          kind: 'placed',
          ends: effect.files.map(({ file }) => [file.interaction, { kind: 'complete', stamp }]),
          at,
        });
    }
  };
  const stamp = { size: length, mtimeMs: 0, inode: 0 };
  let at = 0;
  feed({ kind: 'wanted', files: files.map(({ file }) => file), at });
  while (at < 2 * SLOW_SOURCE_MS) {
    at += TURN_MS;
    const sent = files.splice(0, each);
    const message =
      how === 'brings'
        ? { kind: 'files' as const, files: sent.map(({ file, bytes }) => ({ interaction: file.interaction, bytes })) }
        : { kind: 'statement' as const, statement: declining(sent.map(({ file }) => file.interaction)) };
    feed({ kind: 'heard', message, at });
    feed({ kind: 'tick', at });
  }
  return {
    isOver: state.isOver,
    unanswered: ends.filter((end) => 'reason' in end && end.reason === 'no-answer').length,
  };
}

function declining(interactions: readonly ReturnType<typeof announcedFile>['interaction'][]) {
  const files = interactions.map((interaction): [typeof interaction, 'has-not'] => [interaction, 'has-not']);
  return { say: 'declined' as const, files };
}

describe('who asks for small files', () => {
  it('waits no longer for a source that brings one now and then', () => {
    const turns = SLOW_SOURCE_MS / TURN_MS;
    expect(endsOf({ each: 1, length: 3, how: 'brings' })).toEqual({ isOver: true, unanswered: COUNT - turns });
  });

  it.each([
    ['brings few bytes, but many files', { each: SLOW_SOURCE_FILES / 4, length: 3, how: 'brings' }],
    ['declines many files', { each: SLOW_SOURCE_FILES / 4, length: 3, how: 'declines' }],
    ['brings few files, but many bytes', { each: 1, length: SLOW_SOURCE_BYTES, how: 'brings' }],
  ] as const)('waits for one that %s', (_, given) => {
    expect(endsOf(given)).toEqual({ isOver: false, unanswered: 0 });
  });

  it('gives a source up that says nothing for longer than an answer may take, counted from what it brought last', () => {
    const BROUGHT_AT = REQUEST_ANSWER_MS / 2;
    const [first, second] = [1, 2].map((tid) => announcedFile(someBytes(3, tid), tid));
    if (!first || !second) throw new TypeError('two files were made');
    const brings = { kind: 'files' as const, files: [{ interaction: first.interaction, bytes: someBytes(3, 1) }] };
    const placed: AskerInput & { kind: 'placed' } = {
      ...{ kind: 'placed', at: BROUGHT_AT },
      ends: [[first.interaction, { kind: 'complete', stamp: { size: 3, mtimeMs: 0, inode: 0 } }]],
    };
    const soFar: readonly AskerInput[] = [
      { kind: 'wanted', files: [first, second], at: 0 },
      { kind: 'heard', message: brings, at: BROUGHT_AT },
      placed,
    ];
    const state = soFar.reduce((before, input) => askerStep(before, input).state, startAsking(0));
    expect(state.isOver).toBe(false);
    expect(askerStep(state, { kind: 'tick', at: BROUGHT_AT + REQUEST_ANSWER_MS }).state.isOver).toBe(false);
    expect(askerStep(state, { kind: 'tick', at: BROUGHT_AT + REQUEST_ANSWER_MS + 1 }).effects).toContainEqual({
      ...{ kind: 'settled', file: second, end: { kind: 'declined', reason: 'no-answer' } },
    });
  });
});
