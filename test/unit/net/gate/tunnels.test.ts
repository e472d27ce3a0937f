import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import {
  FORWARDED_PER_ADDRESS,
  FORWARDED_PER_RANGE,
  FORWARDED_STREAMS,
  FORWARDING_MS,
  GATE_FORWARDED_BYTES,
  GATE_TICKET_MS,
} from '../../../../src/limits.ts';
import { createTunnels, type Tickets } from '../../../../src/net/gate/tunnels.ts';
import { streamPair } from '../../../support/net/stream-pair.ts';
import { realRandom } from '../../../support/time/real-clock.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

function setUp() {
  const clock = createVirtualClock();
  const tunnels = createTunnels({ clock, random: realRandom });
  const open = (address = '11.0.0.1') => {
    const tickets = tunnels.open(address);
    if (tickets === undefined) throw new Error('there is no place');
    return tickets;
  };
  /** Comes with a ticket; returns the end that is outside. */
  const come = (ticket: string): Duplex => {
    const [outside, inside] = streamPair();
    inside.once('close', () => outside.destroy());
    tunnels.enter(ticket, inside);
    return outside;
  };
  const both = (tickets: Tickets = open()) => [come(tickets.dialer), come(tickets.answerer)] as const;
  return { clock, tunnels, open, come, both };
}

it('a tunnel passes on what each end says, also what was said before the other one came', async () => {
  const { open, come } = setUp();
  const tickets = open();
  const dialer = come(tickets.dialer);
  dialer.write('hello');
  const answerer = come(tickets.answerer);
  expect(String(await once(answerer, 'data'))).toBe('hello');
  answerer.end('and goodbye');
  expect(String(await once(dialer, 'data'))).toBe('and goodbye');
  await once(dialer, 'end');
});

it('a ticket is good for one connection', async () => {
  const { open, come } = setUp();
  const { dialer } = open();
  const first = come(dialer);
  await once(come(dialer), 'close');
  await once(come('f'.repeat(64)), 'close');
  expect(first.destroyed).toBe(false);
});

it('an end whose other end does not come is given up', async () => {
  const { open, come, clock } = setUp();
  const end = come(open().dialer);
  await clock.advance(GATE_TICKET_MS - 1);
  expect(end.destroyed).toBe(false);
  const closed = once(end, 'close');
  await clock.advance(1);
  await closed;
});

it('a tunnel ends when an end breaks, and after its time', async () => {
  const { both, clock } = setUp();
  const [broken, other] = both();
  const [late] = both();
  const ended = once(other, 'close');
  broken.destroy();
  // What breaks outside is what breaks inside: a socket has one of each.
  other.destroy();
  await ended;
  await clock.advance(FORWARDING_MS - 1);
  expect(late.destroyed).toBe(false);
  const closed = once(late, 'close');
  await clock.advance(1);
  await closed;
});

it('a tunnel ends when an end has sent too much', async () => {
  const { both } = setUp();
  const [dialer, answerer] = both();
  answerer.resume();
  const closed = once(answerer, 'close');
  dialer.write(Buffer.alloc(GATE_FORWARDED_BYTES));
  dialer.write(Buffer.alloc(1));
  await closed;
});

it('there are so many tunnels for one address; what is over makes room', async () => {
  const { open, come, both, tunnels, clock } = setUp();
  const ends = Array.from({ length: FORWARDED_PER_ADDRESS }, () => both()).flat();
  expect(tunnels.open('11.0.0.1')).toBeUndefined();
  const closed = Promise.all(ends.map((end) => once(end, 'close')));
  await clock.advance(FORWARDING_MS);
  await closed;
  expect(come(open().dialer).destroyed).toBe(false);
});

it('one that only one end, or none, has come to makes room for another one', async () => {
  const { open, come, tunnels } = setUp();
  const end = come(open().dialer);
  const closed = once(end, 'close');
  for (let n = 0; n < FORWARDED_PER_ADDRESS; n += 1) open();
  await closed;
  expect(tunnels.open('11.0.0.1')).toBeDefined();
});

it('who takes all of them from a few ranges of addresses leaves some to everybody else', async () => {
  const { open, both } = setUp();
  const taken = Array.from({ length: FORWARDED_STREAMS }, (_, n) => {
    const [range, host] = [Math.floor(n / FORWARDED_PER_RANGE), n % 4];
    return both(open(`12.0.${range}.${host + 1}`));
  });
  const someoneLeft = Promise.race(taken.map(([end]) => once(end, 'close')));
  const [dialer, answerer] = both(open('11.0.0.1'));
  dialer.write('hello');
  expect(String(await once(answerer, 'data'))).toBe('hello');
  await someoneLeft;
  expect(taken.filter(([end]) => end.destroyed)).toHaveLength(1);
});
