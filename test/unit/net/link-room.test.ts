import { describe, expect, it } from 'vitest';
import { LINKS, LINKS_OF_STRANGERS, LINKS_PER_ACCOUNT } from '../../../src/limits.ts';
import { type LinkHolder, lackOfRoom } from '../../../src/net/link-room.ts';
import { account, device } from '../../support/events/interactions.ts';

const holder = (n: number, isStranger: boolean, by = n): LinkHolder => ({
  peer: { account: account(by), device: device(n) },
  isStranger,
});
const many = (count: number, make: (n: number) => LinkHolder) => Array.from({ length: count }, (_, n) => make(n));
const friend = holder(1000, false);
const stranger = holder(1001, true);

describe('room for another link', () => {
  it('is there at first', () => {
    expect([friend, stranger].map((newcomer) => lackOfRoom([], newcomer))).toEqual([undefined, undefined]);
  });

  it('is not there when all links are taken', () => {
    const held = many(LINKS, (n) => holder(n, false));
    expect(lackOfRoom(held.slice(1), friend)).toBeUndefined();
    expect(lackOfRoom(held, friend)).toBe('it has too many links');
  });

  it('is not there for one more device of an account that has its share, and is for others', () => {
    const held = many(LINKS_PER_ACCOUNT, (n) => holder(n, false, 7));
    expect(lackOfRoom(held, holder(999, false, 7))).toBe('it has too many links to that account');
    expect(lackOfRoom(held, friend)).toBeUndefined();
  });

  it('is left by strangers to those who are none, however many accounts the strangers have', () => {
    const held = many(LINKS_OF_STRANGERS, (n) => holder(n, true));
    expect(lackOfRoom(held, stranger)).toBe('it has too many links to strangers');
    expect(lackOfRoom(held, friend)).toBeUndefined();
  });

  it('for strangers does not depend on how many others there are', () => {
    expect(
      lackOfRoom(
        many(LINKS - 1, (n) => holder(n, false)),
        stranger,
      ),
    ).toBeUndefined();
  });
});
