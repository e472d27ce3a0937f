/** Connections to gates: one to speak to each, and one for each device that is spoken to through it. */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { SyncError } from '../../errors.ts';
import { ADDRESS_HEAD_START_MS } from '../../limits.ts';
import { orAborted } from '../../or-aborted.ts';
import type { Clock } from '../../ports.ts';
import { type Address, formatAddress } from '../address.ts';
import type { OwnAddresses } from '../addresses/own-addresses.ts';
import type { Route } from '../addresses/route.ts';
import { noiseKeyPair, noiseOver } from '../noise-adapter.ts';
import { reasonOf } from '../reason-of.ts';
import { openedSignals } from '../signalling/opened-signals.ts';
import type { SignalStream } from '../signalling/signal-stream.ts';
import { failuresIn, staggered } from '../staggered.ts';
import { encodePreamble, type Preamble } from './gate-message.ts';

export interface GateConnections {
  /** To speak to the gate, which has proved nothing. Throws SERVER_UNREACHABLE, the signal's reason. */
  toGate(gate: Address, options: { signal: AbortSignal }): Promise<SignalStream>;
  /** To speak to whoever comes to the gate with the other ticket, of which nobody else learns. Throws as `toGate`. */
  throughGate(gate: Address, options: ThroughGate): Promise<SignalStream>;
  close(): void;
}

export interface ThroughGate {
  readonly ticket: string;
  readonly isDialer: boolean;
  readonly signal: AbortSignal;
}

export interface GateConnectionsOptions {
  /** 32 bytes that make the device's key. */
  readonly seed: Uint8Array;
  readonly own: Pick<OwnAddresses, 'routesTo'>;
  readonly clock: Clock;
}

export function createGateConnections({ seed, own, clock }: GateConnectionsOptions): GateConnections {
  const keyPair = noiseKeyPair(seed);
  const sockets = new Set<Socket>();

  async function open(route: Route, port: number, signal: AbortSignal): Promise<Socket> {
    const socket = connect({ ...route, port, noDelay: true });
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    try {
      await once(socket, 'connect', { signal });
      return socket;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  async function dial(gate: Address, preamble: Preamble, signal: AbortSignal): Promise<Socket> {
    try {
      const routes = (await orAborted(addressesOf(gate.host), signal)).flatMap((host) =>
        own.routesTo(host, { isLocal: true }),
      );
      const tries = routes.map((route) => (inner: AbortSignal) => open(route, gate.port, inner));
      const discard = (socket: Socket) => void socket.destroy();
      const socket = await staggered(tries, { headStart: ADDRESS_HEAD_START_MS, clock, signal, discard });
      socket.write(encodePreamble(preamble));
      return socket;
    } catch (error) {
      signal.throwIfAborted();
      const detail = failuresIn(error).map(reasonOf).join('; ') || 'no address of this machine leads there';
      throw new SyncError('SERVER_UNREACHABLE', { address: formatAddress(gate), detail }, { cause: error });
    }
  }

  function speak(socket: Socket, isInitiator: boolean, signal: AbortSignal): Promise<SignalStream> {
    return openedSignals(noiseOver(socket, { isInitiator, keyPair }), { isLocal: false, signal });
  }

  return {
    toGate: async (gate, { signal }) => speak(await dial(gate, { kind: 'control' }, signal), true, signal),
    throughGate: async (gate, { ticket, isDialer, signal }) =>
      speak(await dial(gate, { kind: 'tunnel', ticket }, signal), isDialer, signal),
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function addressesOf(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
