import { describe, expect, it } from 'vitest';
import { createChangedWords } from '../../../../../src/engine/files/holdings/changed-words.ts';
import { HOLDINGS_CHANGED_AT_ONCE, HOLDINGS_CHANGED_PER_MINUTE } from '../../../../../src/limits.ts';
import { device } from '../../../../support/events/interactions.ts';
import { createVirtualClock } from '../../../../support/time/virtual-clock.ts';

describe('words that were otherwise before', () => {
  it('are heard as often as anybody needs, and then so many a minute, of each device', async () => {
    const clock = createVirtualClock();
    const words = createChangedWords(clock);
    expect(words.allows(device(1), HOLDINGS_CHANGED_AT_ONCE)).toBe(true);
    expect(words.allows(device(1), 1)).toBe(false);
    expect(words.allows(device(1), 0), 'news that is no change').toBe(true);
    expect(words.allows(device(2), 1)).toBe(true);
    await clock.advance(60_000);
    expect(words.allows(device(1), HOLDINGS_CHANGED_PER_MINUTE + 1)).toBe(false);
    expect(words.allows(device(1), HOLDINGS_CHANGED_PER_MINUTE)).toBe(true);
    expect(words.allows(device(1), 1)).toBe(false);
  });
});
