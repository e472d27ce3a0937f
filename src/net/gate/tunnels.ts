import type { Duplex } from 'node:stream';
import { SyncError } from '../../errors.ts';
import { FORWARDING_MS, GATE_FORWARDED_BYTES, GATE_TICKET_MS } from '../../limits.ts';
import type { Clock, Milliseconds, Random } from '../../ports.ts';
import { createForwardingRoom } from '../forwarding-room.ts';
import { hexOf } from './gate-message.ts';

/** One for each end, good for one connection. */
export interface Tickets {
  readonly dialer: string;
  readonly answerer: string;
}

/** Pairs of connections whose bytes are passed on from one to the other, unread. */
export interface Tunnels {
  /** For a dialer at an address. Undefined when there is no place; another tunnel may have to end for it. */
  open(address: string): Tickets | undefined;
  /** Takes over a connection that came with a ticket, or ends it when that is not awaited; says which. */
  enter(ticket: string, end: Duplex): boolean;
}

export interface TunnelsOptions {
  readonly clock: Clock;
  readonly random: Pick<Random, 'bytes'>;
}

export function createTunnels({ clock, random }: TunnelsOptions): Tunnels {
  const room = createForwardingRoom<Tunnel>();
  const awaited = new Map<string, Tunnel>();
  return {
    open(address) {
      const tickets = { dialer: hexOf(random.bytes(32)), answerer: hexOf(random.bytes(32)) };
      const tunnel: Tunnel = new Tunnel(clock, {
        onWhole: () => room.seat(tunnel),
        onClose() {
          room.leave(tunnel);
          for (const ticket of Object.values(tickets)) awaited.delete(ticket);
        },
      });
      const leaving = room.enter(tunnel, address);
      if (leaving === undefined) {
        tunnel.close();
        return undefined;
      }
      for (const one of leaving) one.close();
      for (const ticket of Object.values(tickets)) awaited.set(ticket, tunnel);
      return tickets;
    },
    enter(ticket, end) {
      const tunnel = awaited.get(ticket);
      awaited.delete(ticket);
      if (tunnel === undefined) end.destroy();
      else tunnel.arrive(end);
      return tunnel !== undefined;
    },
  };
}

interface TunnelEvents {
  /** Both ends are there. */
  onWhole(): void;
  onClose(): void;
}

/** What is said in it is for the two ends alone, and is short: it has few bytes and little time. */
class Tunnel {
  readonly #ends: Duplex[] = [];
  readonly #over = new AbortController();
  readonly #events: TunnelEvents;

  constructor(clock: Clock, events: TunnelEvents) {
    this.#events = events;
    const after = (ms: Milliseconds, what: () => void) => void clock.wait(ms, this.#over.signal).then(what, () => {});
    after(FORWARDING_MS, () => this.close());
    after(GATE_TICKET_MS, () => {
      if (this.#ends.length < 2) this.close();
    });
  }

  arrive(end: Duplex): void {
    this.#ends.push(end);
    // An end that hung up in order has told the other one so, which may still have something to say.
    end.once('close', () => {
      if (!end.readableEnded || this.#ends.every(({ destroyed }) => destroyed)) this.close();
    });
    const [one, other] = this.#ends;
    if (one === undefined || other === undefined) return;
    this.#events.onWhole();
    this.#pass(one, other);
    this.#pass(other, one);
  }

  #pass(from: Duplex, to: Duplex): void {
    let bytes = 0;
    from.on('data', (chunk: Uint8Array) => {
      bytes += chunk.byteLength;
      if (bytes > GATE_FORWARDED_BYTES) this.close();
    });
    from.pipe(to);
  }

  close(): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort(new SyncError('CANCELLED', { what: 'A tunnel' }));
    for (const end of this.#ends) end.destroy();
    this.#events.onClose();
  }
}
