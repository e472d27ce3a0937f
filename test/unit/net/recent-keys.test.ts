import { expect, it } from 'vitest';
import { createRecentKeys } from '../../../src/net/recent-keys.ts';

const key = (byte: number) => new Uint8Array(32).fill(byte);

it('remembers the last keys, as many as it may', () => {
  const keys = createRecentKeys(2);
  for (const byte of [1, 2, 2, 3]) keys.add(key(byte));
  expect([1, 2, 3].map((byte) => keys.has(key(byte)))).toEqual([false, true, true]);
});
