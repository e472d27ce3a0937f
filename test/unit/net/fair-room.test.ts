import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFairRoom, type RoomShares } from '../../../src/net/fair-room.ts';
import { networkOf, rangeOf } from '../../../src/net/ip-address.ts';

/** In place of `GATE_CONNECTIONS`, `GATE_CONNECTIONS_PER_RANGE` and `GATE_CONNECTIONS_PER_ADDRESS`: as little as shows the same. */
const SHARES: RoomShares = { inAll: 64, eachRange: 16, each: 8 };

interface Visitor {
  readonly name: number;
  readonly address: string;
  isGuest: boolean;
}

/** A room, and beside it a plain list of who is in. */
function openRoom(shares = SHARES) {
  const room = createFairRoom<Visitor>(shares);
  const inside = new Set<Visitor>();
  let count = 0;
  const come = (address: string): { readonly visitor: Visitor; readonly gone: readonly Visitor[] | undefined } => {
    const visitor = { name: count++, address, isGuest: false };
    const gone = room.enter(visitor, address);
    for (const one of gone ?? []) inside.delete(one);
    if (gone !== undefined) inside.add(visitor);
    return { visitor, gone };
  };
  const seat = (visitor: Visitor) => {
    visitor.isGuest = true;
    room.seat(visitor);
  };
  const comeAsGuest = (address: string) => {
    const { visitor, gone } = come(address);
    seat(visitor);
    return { visitor, gone };
  };
  const leave = (visitor: Visitor) => {
    room.leave(visitor);
    inside.delete(visitor);
  };
  const many = (number: number, what: (n: number) => void) => Array.from({ length: number }, (_, n) => what(n));
  return { inside, come, comeAsGuest, seat, leave, many };
}

/** Of a range that nobody else comes from. */
const rangeNo = (n: number) => `20.${Math.floor(n / 256)}.${n % 256}`;
const OTHER = '11.0.0.1';

describe('a room that is full', () => {
  it('of connections from many ranges that say nothing lets a device in, and the one goes that came first', () => {
    const { come, inside, many } = openRoom();
    many(SHARES.inAll, (n) => come(`${rangeNo(n)}.1`));
    const [first] = inside;
    expect(come(OTHER).gone).toEqual([first]);
  });

  it('has one go of the range, and in it of the address, that has most of those who say nothing', () => {
    const { come, many } = openRoom();
    many(SHARES.inAll - 10, (n) => come(`${rangeNo(n)}.1`));
    many(5, (n) => come(`12.0.0.${n + 1}`));
    many(5, () => come('12.0.0.99'));
    expect(come(OTHER).gone?.map(({ address }) => address)).toEqual(['12.0.0.99']);
  });

  it('of guests from few ranges lets devices of others in, until each has as many', () => {
    const { comeAsGuest, come, inside, many } = openRoom();
    many(SHARES.inAll, (n) => comeAsGuest(`12.0.${Math.floor(n / SHARES.eachRange)}.${1 + (n % 4)}`));
    many(SHARES.inAll, () => comeAsGuest(OTHER));
    const own = [...inside].filter(({ address }) => address === OTHER);
    expect(own.length).toBe(SHARES.each);
    expect(come('11.0.1.1').gone?.map(({ isGuest }) => isGuest)).toEqual([true]);
  });

  it('of guests from a range each has no place for one more of them, and loses none', () => {
    const { comeAsGuest, come, many } = openRoom();
    many(SHARES.inAll, (n) => comeAsGuest(`${rangeNo(n)}.1`));
    expect([come(`${rangeNo(7)}.2`).gone, come(OTHER).gone]).toEqual([undefined, undefined]);
  });

  it('of guests loses one to any number of connections that say nothing', () => {
    const { comeAsGuest, come, inside, many } = openRoom();
    many(SHARES.inAll, (n) => comeAsGuest(`12.0.${n % 8}.1`));
    many(1000, (n) => come(`${rangeNo(n)}.1`));
    expect([...inside].filter(({ isGuest }) => isGuest).length).toBe(SHARES.inAll - 1);
  });
});

describe('an address, and a range, with all of its places taken', () => {
  it('has a place for a device as long as one there says nothing', () => {
    const { come, comeAsGuest, many } = openRoom();
    many(SHARES.each - 1, () => comeAsGuest(OTHER));
    const { visitor: silent } = come(OTHER);
    expect(comeAsGuest(OTHER).gone).toEqual([silent]);
    expect(come(OTHER).gone).toBeUndefined();
    expect(come('11.0.0.2').gone).toEqual([]);
  });

  it.each([
    { family: 'IPv4', owned: ['11.0.0.1', '11.0.0.2'], third: '11.0.0.3', outside: '11.0.1.1' },
    { family: 'IPv6', owned: ['2a00:1:2:1::1', '2a00:1:2:2::1'], third: '2a00:1:2:3::1', outside: '2a00:1:3::1' },
  ])('is shared by its addresses of $family, and costs other ranges nothing', ({ owned, third, outside }) => {
    const { comeAsGuest, come, many } = openRoom();
    for (const address of owned) many(SHARES.each, () => comeAsGuest(address));
    expect(comeAsGuest(third).gone?.length).toBe(1);
    expect(come(outside).gone).toEqual([]);
  });
});

/** What holds whoever comes, shows who it is, and leaves, in whatever order. */
it('a room keeps its shares, and has nobody go who need not', () => {
  const shares: RoomShares = { inAll: 8, eachRange: 5, each: 3 };
  const address = fc.tuple(fc.nat(3), fc.nat(3)).map(([range, host]) => `11.0.${range}.${host + 1}`);
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('come' as const), address }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('seat' as const), who: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), who: fc.nat() }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { inside, come, seat, leave } = openRoom(shares);
      for (const one of steps) {
        const before = [...inside].map((visitor) => ({ ...visitor }));
        const chosen = one.kind === 'come' ? undefined : [...inside][one.who % Math.max(1, inside.size)];
        if (one.kind === 'come') judge({ before, address: one.address, gone: come(one.address).gone, shares });
        else if (chosen && one.kind === 'seat') seat(chosen);
        else if (chosen) leave(chosen);
      }
    }),
    { numRuns: 50 },
  );
});

interface Coming {
  /** Who was there. */
  readonly before: readonly Visitor[];
  readonly address: string;
  readonly gone: readonly Visitor[] | undefined;
  readonly shares: RoomShares;
}

function judge({ before, address, gone, shares }: Coming): void {
  const of = (key: (address: string) => string, own: string) => before.filter((one) => key(one.address) === own);
  const ofAddress = of(networkOf, networkOf(address));
  const ofRange = of(rangeOf, rangeOf(address));
  const crowds = [
    { crowd: ofAddress, limit: shares.each, keyOf: undefined },
    { crowd: ofRange, limit: shares.eachRange, keyOf: networkOf },
    { crowd: before, limit: shares.inAll, keyOf: rangeOf },
  ];
  for (const { crowd, limit } of crowds) expect(crowd.length).toBeLessThanOrEqual(limit);
  const full = crowds.find(({ crowd, limit }) => crowd.length === limit);
  if (full === undefined) return void expect(gone).toEqual([]);
  const { crowd, keyOf } = full;
  const sizeOf = (where: string) => (keyOf ? of(keyOf, keyOf(where)).length : 0);
  const hasMore = (one: Visitor) => sizeOf(one.address) > sizeOf(address) + 1;
  const [leaving] = gone ?? [];
  if (crowd.some(({ isGuest }) => !isGuest)) expect(leaving).toMatchObject({ isGuest: false });
  else if (crowd.some(hasMore)) expect(leaving && hasMore(leaving)).toBe(true);
  else expect(gone).toBeUndefined();
  if (leaving) expect(crowd.map(({ name }) => name)).toContain(leaving.name);
}
