import { withDeadline } from '../../deadline.ts';
import { messageOf, SyncError } from '../../errors.ts';
import { GATE_ENTRY_MS, GATE_HEAD_START_MS, GATE_TUNNELS_OPENING, LOOK_UP_RESULTS } from '../../limits.ts';
import { createPlaces } from '../../places.ts';
import type { Clock, Log, Random } from '../../ports.ts';
import type { Address } from '../address.ts';
import type { Claimant, Discovery } from '../discovery/discovery.ts';
import type { SignalStream } from '../signalling/signal-stream.ts';
import { staggered } from '../staggered.ts';
import type { GateConnections } from './gate-connections-adapter.ts';
import { hexOf } from './gate-message.ts';
import { enterGate, type GateSession } from './gate-session.ts';
import { stayInGate } from './gate-stay.ts';

/** The gates that this device enters, to find others there and to be found. */
export interface Gates {
  readonly discovery: Discovery;
  /** Those that it is in at the moment. */
  entered(): readonly Address[];
  /** Resolves when each was tried once. */
  readonly tried: Promise<void>;
  /** The network is another one: enters all of them anew. */
  refresh(): void;
  close(): void;
}

export interface GatesOptions {
  readonly gates: readonly Address[];
  readonly connections: GateConnections;
  /** This device's key. */
  readonly ownKey: Uint8Array;
  /** What it is found under. */
  readonly topics: readonly Uint8Array[];
  readonly clock: Clock;
  readonly random: Pick<Random, 'below'>;
  readonly log: Log;
  readonly signal: AbortSignal;
  onStream(stream: SignalStream): void;
  /** A gate is entered that had been lost, or not been reached. */
  onEnteredAgain(): void;
}

/** A gate that this device is in. */
interface Entered {
  readonly gate: Address;
  readonly session: GateSession;
}

/** Stays in each gate until the signal fires. */
export function enterGates(options: GatesOptions): Gates {
  const { connections, signal } = options;
  const answer = answererOf(options);
  const stays = options.gates.map((gate) => {
    const enter = async (at: { signal: AbortSignal }) => {
      const stream = await connections.toGate(gate, at);
      return enterGate(stream, { ...options, entering: at.signal, onIncoming: (ticket) => void answer(gate, ticket) });
    };
    return stayInGate({ ...options, gate, enter, signal });
  });
  const entered = (): readonly Entered[] =>
    stays.flatMap(({ gate, session }) => {
      const open = session();
      return open ? [{ gate, session: open }] : [];
    });

  return {
    discovery: {
      place: 'gates',
      async lookUp(topic, at) {
        const found = await foundIn(entered(), topic, { ...at, ownKey: hexOf(options.ownKey) });
        at.signal.throwIfAborted();
        return [...found].map(
          ([key, where]): Claimant => ({
            key: `dht ${key}`,
            connect: (to) => reach(key, where, { ...options, signal: to.signal }),
          }),
        );
      },
    },
    entered: () => entered().map(({ gate }) => gate),
    tried: Promise.all(stays.map(({ tried }) => tried)).then(() => {}),
    refresh() {
      for (const stay of stays) stay.refresh();
    },
    close: () => connections.close(),
  };
}

/** Comes to where somebody waits, as a gate says; a gate that says so too often is not believed. */
function answererOf({ connections, clock, log, signal, onStream }: GatesOptions) {
  const opening = createPlaces({ inAll: GATE_TUNNELS_OPENING, each: GATE_TUNNELS_OPENING });
  return async (gate: Address, ticket: string): Promise<void> => {
    const leave = opening.take(undefined);
    if (leave === undefined) return;
    const deadline = { what: 'Answering through a gate', ms: GATE_ENTRY_MS, clock, signal };
    const come = (inner: AbortSignal) => connections.throughGate(gate, { ticket, isDialer: false, signal: inner });
    try {
      onStream(await withDeadline(deadline, come));
    } catch (error) {
      log.debug('who wanted to speak through a gate is not there', { reason: messageOf(error) });
    } finally {
      leave();
    }
  };
}

/** Who is found under a topic, and in which gates. A gate that fails is left out. */
async function foundIn(
  gates: readonly Entered[],
  topic: Uint8Array,
  { ownKey, signal }: { readonly ownKey: string; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, readonly Entered[]>> {
  const found = new Map<string, readonly Entered[]>();
  const ask = async (one: Entered) => {
    for (const key of await one.session.lookUp(topic, { signal })) {
      const known = found.get(key);
      if (key !== ownKey && (known || found.size < LOOK_UP_RESULTS)) found.set(key, [...(known ?? []), one]);
    }
  };
  await Promise.allSettled(gates.map(ask));
  return found;
}

/** Undefined when nobody with that key comes. Throws the signal's reason. */
async function reach(
  key: string,
  gates: readonly Entered[],
  { connections, clock, log, signal }: Pick<GatesOptions, 'connections' | 'clock' | 'log' | 'signal'>,
): Promise<SignalStream | undefined> {
  const tries = gates.map(({ gate, session }) => async (inner: AbortSignal) => {
    const ticket = await session.ticketTo(key, { signal: inner });
    if (ticket === undefined) throw new SyncError('PEER_REJECTED', { detail: 'it has left the gate' });
    const stream = await connections.throughGate(gate, { ticket, isDialer: true, signal: inner });
    if (hexOf(stream.remotePublicKey) === key) return stream;
    stream.close();
    throw new SyncError('PEER_REJECTED', { detail: 'the gate led to another key' });
  });
  const discard = (stream: SignalStream) => stream.close();
  try {
    return await staggered(tries, { headStart: GATE_HEAD_START_MS, clock, signal, discard });
  } catch (error) {
    signal.throwIfAborted();
    log.debug('a key is not reached through gates', { key, reason: messageOf(error) });
    return undefined;
  }
}
