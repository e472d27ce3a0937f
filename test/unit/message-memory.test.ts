import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHANNEL_MESSAGE_BYTES, MESSAGE_MEMORY_BYTES, TRANSFER_MESSAGE_BYTES } from '../../src/limits.ts';
import {
  giveBackMessageMemory,
  packMessageMemory,
  takeMessageMemory,
  unpackMessageMemory,
} from '../../src/message-memory.ts';

describe('the memory of messages', () => {
  it('is used again once it was given back, by any view of it', () => {
    const first = takeMessageMemory(TRANSFER_MESSAGE_BYTES);
    giveBackMessageMemory(first.subarray(9));
    expect(takeMessageMemory(TRANSFER_MESSAGE_BYTES - 1).buffer).toBe(first.buffer);
  });

  it('is had by one at a time, however often and whatever is given back', () => {
    const length = fc.integer({ min: TRANSFER_MESSAGE_BYTES / 2, max: CHANNEL_MESSAGE_BYTES });
    const act = fc.oneof(
      fc.record({ kind: fc.constant('take' as const), length }),
      fc.record({ kind: fc.constant('give back' as const), place: fc.nat(20), times: fc.integer({ min: 1, max: 2 }) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const held: Uint8Array[] = [];
        for (const did of acts) {
          if (did.kind === 'take') held.push(takeMessageMemory(did.length));
          else
            for (const one of held.splice(did.place, 1)) for (let n = 0; n < did.times; n++) giveBackMessageMemory(one);
          expect(new Set(held.map(({ buffer }) => buffer)).size).toBe(held.length);
        }
        for (const one of held) giveBackMessageMemory(one);
      }),
    );
  });

  it('is not collected without end', () => {
    const count = (2 * MESSAGE_MEMORY_BYTES) / TRANSFER_MESSAGE_BYTES;
    const many = () => Array.from({ length: count }, () => takeMessageMemory(TRANSFER_MESSAGE_BYTES));
    const before = many();
    for (const one of before) giveBackMessageMemory(one);
    const known = new Set(before.map(({ buffer }) => buffer));
    const usedAgain = many().filter(({ buffer }) => known.has(buffer));
    expect(usedAgain.length).toBeGreaterThan(0);
    expect(usedAgain.length * TRANSFER_MESSAGE_BYTES).toBeLessThanOrEqual(MESSAGE_MEMORY_BYTES);
  });

  it('leaves bytes from elsewhere alone', () => {
    const own = new Uint8Array(TRANSFER_MESSAGE_BYTES);
    giveBackMessageMemory(own);
    expect(takeMessageMemory(TRANSFER_MESSAGE_BYTES).buffer).not.toBe(own.buffer);
  });

  it('comes back from another thread to be used again', () => {
    const bytes = takeMessageMemory(TRANSFER_MESSAGE_BYTES).fill(7);
    const { pieces, memory } = packMessageMemory([bytes.subarray(9)]);
    const there = structuredClone(pieces, { transfer: [...memory] });
    expect([bytes.length, there[0]?.length, there[0]?.[0]]).toEqual([0, TRANSFER_MESSAGE_BYTES - 9, 7]);
    giveBackMessageMemory(bytes);
    const returned = there.map(({ buffer }) => buffer);
    unpackMessageMemory(returned);
    expect(takeMessageMemory(TRANSFER_MESSAGE_BYTES).buffer).toBe(returned[0]);
  });

  it('leaves what came from elsewhere to its owner, and sends a copy', () => {
    const own = new Uint8Array(10).fill(3);
    const { pieces, memory } = packMessageMemory([own.subarray(1, 3), own.subarray(5)]);
    structuredClone(pieces, { transfer: [...memory] });
    expect([...own]).toEqual(Array(10).fill(3));
  });
});
