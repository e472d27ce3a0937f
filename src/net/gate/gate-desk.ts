/** What a gate does for the devices that have entered it: says who else is there, and brings two of them together. */
import { withDeadline } from '../../deadline.ts';
import { SyncError } from '../../errors.ts';
import { GATE_ENTRY_MS, GATE_SILENCE_MS, LOOK_UP_RESULTS } from '../../limits.ts';
import type { Clock } from '../../ports.ts';
import type { DrainedSignals } from '../signalling/noise-signals-adapter.ts';
import { type FromGate, type FromGuest, hexOf, parseFromGuest } from './gate-message.ts';
import { createGuestBook, type GuestBook, type Guest as Named } from './guest-book.ts';
import type { Tunnels } from './tunnels.ts';

export interface GateDesk {
  /** Serves a device until it leaves, is silent for too long or breaks the rules. Does not reject. */
  serve(stream: DrainedSignals, events?: DeskEvents): Promise<void>;
}

export interface DeskEvents {
  /** The device has shown which key it has, and is found from now on. */
  onEntered(): void;
}

export interface GateDeskOptions {
  readonly tunnels: Pick<Tunnels, 'open'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

interface Guest extends Named {
  readonly stream: DrainedSignals;
}

interface Desk extends GateDeskOptions {
  readonly book: GuestBook<Guest>;
}

export function createGateDesk(options: GateDeskOptions): GateDesk {
  const desk = { ...options, book: createGuestBook<Guest>() };
  return {
    async serve(stream, events) {
      await attend(stream, desk, events).catch(() => {});
      stream.close();
    },
  };
}

async function attend(stream: DrainedSignals, desk: Desk, events?: DeskEvents): Promise<void> {
  const { book, clock, signal } = desk;
  const first = await heardFrom(stream, GATE_ENTRY_MS, desk);
  if (first?.kind !== 'enter') return;
  const guest: Guest = { key: hexOf(stream.remotePublicKey), topics: first.topics, stream };
  // A device that comes back has lost the connection that it had.
  book.enter(guest)?.stream.close();
  events?.onEntered();
  try {
    say(guest, { kind: 'entered' });
    for (;;) {
      const message = await heardFrom(stream, GATE_SILENCE_MS, desk);
      if (message === undefined) return;
      say(guest, answerTo(message, guest, desk));
      // Who asks without reading the answers waits, and is hung up on when too much of it does.
      const deadline = { what: 'Answering a device', ms: GATE_SILENCE_MS, clock, signal };
      await withDeadline(deadline, (inner) => stream.drained({ signal: inner }));
    }
  } finally {
    book.leave(guest);
  }
}

async function heardFrom(
  stream: DrainedSignals,
  ms: number,
  { clock, signal }: GateDeskOptions,
): Promise<FromGuest | undefined> {
  const deadline = { what: 'Hearing a device', ms, clock, signal };
  const next = await withDeadline(deadline, (inner) => stream.receive({ signal: inner }));
  return next && parseFromGuest(next.message);
}

/** Throws PROTOCOL_BROKEN. */
function answerTo(message: FromGuest, guest: Guest, desk: Desk): FromGate {
  switch (message.kind) {
    case 'ping':
      return { kind: 'pong' };
    case 'look-up':
      return { kind: 'found', id: message.id, keys: [...desk.book.under(message.topic)].slice(0, LOOK_UP_RESULTS) };
    case 'connect':
      return { kind: 'ticket', id: message.id, ticket: bringTogether(guest, message.key, desk) };
    case 'enter':
      throw new SyncError('PROTOCOL_BROKEN', { protocol: 'gate', detail: 'it enters twice' });
  }
}

/** Returns the dialer's ticket; undefined when nobody has the key, or there is no place. */
function bringTogether({ stream }: Guest, key: string, { book, tunnels }: Desk): string | undefined {
  const answerer = book.withKey(key);
  const tickets = answerer && tunnels.open(stream.remoteHost ?? '');
  if (tickets) say(answerer, { kind: 'incoming', ticket: tickets.answerer });
  return tickets?.dialer;
}

function say({ stream }: Guest, message: FromGate): void {
  stream.send(message);
}
