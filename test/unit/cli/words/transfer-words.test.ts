import { describe, expect, it } from 'vitest';
import { amountInWords, stateInWords } from '../../../../src/cli/words/transfer-words.ts';

describe('the state of a transfer in words', () => {
  it.each([
    [{ phase: 'running' }, 'running'],
    [{ phase: 'awaiting-acceptance', where: 'here' }, 'waits for your word'],
    [{ phase: 'awaiting-acceptance', where: 'there' }, 'waits for their word'],
    [{ phase: 'awaiting-acceptance' }, 'waits for their word'],
    [{ phase: 'waiting' }, 'waiting'],
    [{ phase: 'waiting', device: '0123456789' }, 'waiting for 01234567'],
    [{ phase: 'paused', by: 'us' }, 'paused'],
    [{ phase: 'paused', by: 'peer' }, 'paused there'],
    [{ phase: 'cancelled', by: 'peer', device: '0123456789', at: 40_000 }, 'cancelled there by 01234567, 1 min ago'],
    [{ phase: 'refused', by: 'peer' }, 'refused there'],
    [{ phase: 'failed', failure: 'wrong-digest' }, 'failed (wrong-digest)'],
    [{ phase: 'hovering' }, 'hovering'],
  ])('%j is "%s"', (state, words) => {
    expect(stateInWords(state, 100_000)).toBe(words);
  });

  it('goes with how far it is, and of a file that was taken back with its size alone', () => {
    const amount = { bytes: 1024 * 1024, totalSize: 30 * 1024 * 1024 };
    expect(amountInWords({ phase: 'running', ...amount })).toBe('1 MiB of 30 MiB');
    expect(amountInWords({ phase: 'deleted', ...amount })).toBe('30 MiB');
  });
});
