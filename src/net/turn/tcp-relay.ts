/**
 * A place on a relay where others reach us by TCP (RFC 6062). The control connection keeps it; each connection to a peer
 * has one of its own to the relay, which carries the peer's bytes and nothing else once it is bound.
 */
import type { Duplex } from 'node:stream';
import { isSyncError, messageOf, SyncError } from '../../errors.ts';
import { RELAY_CONNECT_MS, RELAY_CONNECTIONS_BINDING, RELAY_PERMISSION_MS } from '../../limits.ts';
import type { Clock, Log, Milliseconds, Random } from '../../ports.ts';
import type { Address } from '../address.ts';
import type { StunAttributes } from '../stun/attributes.ts';
import type { DecodedStun } from '../stun/message.ts';
import { credentialsFor, type TurnServer } from './turn-server.ts';
import { createTurnSession, type TurnRealm, type TurnSession } from './turn-session.ts';

export interface TcpRelayOptions {
  readonly server: TurnServer;
  /** A new connection to the server, TCP or TLS as it says. */
  connect(server: TurnServer, signal: AbortSignal): Promise<Duplex>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Ends the opening, and nothing after it. */
  readonly opening: AbortSignal;
  /** Of the address that others reach us at; IPv4 by default (RFC 8656 §14.6). */
  readonly family?: 4 | 6;
  /** A peer that was permitted has connected. Whoever gets the stream owns it. */
  onConnection(stream: Duplex, peer: Address): void;
  /** The place is lost, at most once. Connections that are bound live on as long as the server lets them. */
  onLost(reason: string): void;
}

export interface TcpRelay {
  /** Where others reach us. */
  readonly relayed: Address;
  /** From where the server sees us come. */
  readonly mapped: Address | undefined;
  /** Lets connections from an address in, for as long as the relay lasts. Throws RELAY_REFUSED, RELAY_LOST, TIMED_OUT. */
  permit(host: string): Promise<void>;
  /** A connection from the relay to a peer. Throws RELAY_REFUSED, RELAY_LOST, TIMED_OUT, the signal's reason. */
  dial(peer: Address, options: { readonly signal: AbortSignal }): Promise<Duplex>;
  close(): void;
}

/** The number of TCP in IP's header. */
const TCP = 6;
const FAMILY_NOT_SUPPORTED = 440;
/** What has a lifetime is renewed when so much of it has passed. */
const RENEW_AT = 0.8;

/** Throws RELAY_REFUSED, RELAY_LOST, TIMED_OUT, the signal's reason, what connecting throws. */
export async function openTcpRelay(options: TcpRelayOptions): Promise<TcpRelay> {
  const { clock, opening } = options;
  const over = new AbortController();
  const { signal } = over;
  const openSession = sessionOpener(options);
  const connections = createConnections(options, openSession, signal);
  const lose = (reason: string) => {
    if (signal.aborted) return;
    over.abort(new SyncError('RELAY_LOST', { detail: reason }));
    options.onLost(reason);
  };
  const control = await openSession(opening, { onIndication: connections.onIndication, onClosed: lose });
  signal.addEventListener('abort', () => control.close(), { once: true });
  try {
    const place = await allocate(control, options);
    const renewing = { clock, signal, onFailed: lose };
    const { lifetime } = place;
    void renewEvery(
      lifetime * 1000,
      async () => void (await control.request('refresh', { lifetime }, { signal })),
      renewing,
    );
    return {
      ...place,
      permit: createPermits(control, renewing),
      dial: (peer, at) => connections.dial(control, peer, AbortSignal.any([signal, at.signal])),
      close: () => over.abort(new SyncError('CANCELLED', { what: 'The relay' })),
    };
  } catch (error) {
    over.abort(error);
    throw error;
  }
}

interface Place extends Pick<TcpRelay, 'relayed' | 'mapped'> {
  /** Seconds. */
  readonly lifetime: number;
}

async function allocate(control: TurnSession, { family = 4, opening }: TcpRelayOptions): Promise<Place> {
  const ask = (wanted: StunAttributes) =>
    control.request('allocate', { transport: TCP, ...wanted }, { signal: opening });
  // Not every server knows the attribute, and without it the address is one of IPv4, which may do as well.
  const answer =
    family === 6 ? await ask({ addressFamily: 6 }).catch((error) => orOfAnyFamily(error, ask)) : await ask({});
  const { relayedAddress: relayed, xorMappedAddress: mapped, lifetime } = answer;
  if (relayed === undefined || lifetime === undefined)
    throw new SyncError('RELAY_LOST', { detail: 'the server did not say where it relays for us' });
  return { relayed, mapped, lifetime };
}

async function orOfAnyFamily(error: unknown, ask: (wanted: StunAttributes) => Promise<StunAttributes>) {
  if (isSyncError(error, 'RELAY_REFUSED') && error.data.status === FAMILY_NOT_SUPPORTED) return await ask({});
  throw error;
}

/** One permission for each address, which is renewed. */
function createPermits(control: TurnSession, renewing: Renewing): TcpRelay['permit'] {
  const permitted = new Map<string, Promise<void>>();
  return (host) => {
    const known = permitted.get(host);
    if (known !== undefined) return known;
    const peerAddress = { host, port: 0 };
    const permit = async () =>
      void (await control.request('create-permission', { peerAddress }, { signal: renewing.signal }));
    const permitting = permit().then(() => void renewEvery(RELAY_PERMISSION_MS, permit, renewing));
    permitted.set(host, permitting);
    return permitting;
  };
}

type SessionHandlers = Partial<Pick<Parameters<typeof createTurnSession>[0], 'onIndication' | 'onClosed'>>;
type OpenSession = (signal: AbortSignal, handlers?: SessionHandlers) => Promise<TurnSession>;

/**
 * All sessions with one server answer its challenge from the same memory. A place belongs to the name under which it was
 * reserved: credentials that are made for a time stay the same as long as it is kept (else 441, RFC 8656 §5).
 */
function sessionOpener({ server, connect, clock, random }: TcpRelayOptions): OpenSession {
  const realm: TurnRealm = {};
  const credentials = credentialsFor(server.login, clock.now());
  return async (signal, handlers = {}) => {
    const stream = await connect(server, signal);
    return createTurnSession({ stream, credentials, realm, clock, random, ...handlers });
  };
}

interface Connections {
  onIndication(message: DecodedStun): void;
  dial(control: TurnSession, peer: Address, signal: AbortSignal): Promise<Duplex>;
}

/** Connections between the relay and peers, each bound to one of ours. */
function createConnections(options: TcpRelayOptions, openSession: OpenSession, ended: AbortSignal): Connections {
  const { log, onConnection } = options;
  let binding = 0;

  async function bind(connectionId: number, signal: AbortSignal): Promise<Duplex> {
    const session = await openSession(signal);
    try {
      await session.request('connection-bind', { connectionId }, { signal });
      return session.detach();
    } catch (error) {
      session.close();
      throw error;
    }
  }

  async function take(connectionId: number, peer: Address): Promise<void> {
    binding += 1;
    try {
      onConnection(await bind(connectionId, ended), peer);
    } catch (error) {
      log.debug('a connection through the relay was not taken', { peer, reason: messageOf(error) });
    } finally {
      binding -= 1;
    }
  }

  return {
    onIndication({ method, attributes: { connectionId, peerAddress } }) {
      if (method !== 'connection-attempt' || connectionId === undefined || peerAddress === undefined) return;
      // The server closes what is not bound within 30 s (RFC 6062 §5.3): more than a few at a time are left to that.
      if (binding < RELAY_CONNECTIONS_BINDING) void take(connectionId, peerAddress);
    },
    async dial(control, peerAddress, signal) {
      const { connectionId } = await control.request('connect', { peerAddress }, { signal, ms: RELAY_CONNECT_MS });
      if (connectionId === undefined)
        throw new SyncError('RELAY_LOST', { detail: 'the server did not name the connection it made' });
      return bind(connectionId, signal);
    },
  };
}

interface Renewing {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  onFailed(reason: string): void;
}

async function renewEvery(lifetime: Milliseconds, renew: () => Promise<void>, at: Renewing): Promise<void> {
  try {
    for (;;) {
      await at.clock.wait(lifetime * RENEW_AT, at.signal);
      await renew();
    }
  } catch (error) {
    if (!at.signal.aborted) at.onFailed(messageOf(error));
  }
}
