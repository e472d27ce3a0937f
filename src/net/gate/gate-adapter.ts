/** A gate: a TCP port at which devices are met that cannot speak to the DHT, having no UDP or no IPv4. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { withDeadline } from '../../deadline.ts';
import { messageOf, SyncError } from '../../errors.ts';
import {
  GATE_CONNECTIONS,
  GATE_CONNECTIONS_PER_ADDRESS,
  GATE_CONNECTIONS_PER_RANGE,
  GATE_ENTRY_MS,
} from '../../limits.ts';
import type { Clock } from '../../ports.ts';
import { formatAddress } from '../address.ts';
import { createFairRoom, type RoomShares } from '../fair-room.ts';
import { noiseKeyPair, noiseOver } from '../noise-adapter.ts';
import { noiseSignals } from '../signalling/noise-signals-adapter.ts';
import { createGateDesk } from './gate-desk.ts';
import { type Preamble, readPreamble } from './gate-message.ts';
import { createTunnels } from './tunnels.ts';

export interface Gate {
  /** The same at all addresses. */
  readonly port: number;
  close(): Promise<void>;
}

export interface GateOptions {
  /** Addresses of this machine. */
  readonly hosts: readonly string[];
  /** 0 is any free one. */
  readonly port: number;
  readonly clock: Clock;
  /** How many connections it holds, as the limits say unless given. */
  readonly shares?: RoomShares;
}

const SHARES: RoomShares = {
  inAll: GATE_CONNECTIONS,
  eachRange: GATE_CONNECTIONS_PER_RANGE,
  each: GATE_CONNECTIONS_PER_ADDRESS,
};

/** Throws LISTEN_FAILED. */
export async function openGate({ hosts, port: wanted, clock, shares = SHARES }: GateOptions): Promise<Gate> {
  const closed = new AbortController();
  const { signal } = closed;
  const room = createFairRoom<Socket>(shares);
  const tunnels = createTunnels({ clock, random: { bytes: randomBytes } });
  const desk = createGateDesk({ tunnels, clock, signal });
  // Nobody has to know it: the gate is trusted with nothing.
  const keyPair = noiseKeyPair(randomBytes(32));
  const sockets = new Set<Socket>();

  async function welcome(socket: Socket): Promise<void> {
    const deadline = { what: 'Coming to a gate', ms: GATE_ENTRY_MS, clock, signal };
    const preamble = await withDeadline(deadline, () => preambleOf(socket));
    const seat = () => room.seat(socket);
    if (preamble.kind === 'control') {
      const stream = noiseSignals(noiseOver(socket, { isInitiator: false, keyPair }), { isLocal: false });
      await desk.serve(stream, { onEntered: seat });
    } else if (tunnels.enter(preamble.ticket, socket)) seat();
  }

  const onConnection = (socket: Socket) => {
    const leaving = room.enter(socket, socket.remoteAddress ?? '');
    socket.on('error', () => {});
    if (leaving === undefined) {
      socket.destroy();
      return;
    }
    for (const one of leaving) one.destroy();
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      room.leave(socket);
    });
    welcome(socket).catch(() => socket.destroy());
  };

  let listening: Listening | undefined;
  const close = async () => {
    closed.abort(new SyncError('CANCELLED', { what: 'The gate' }));
    for (const socket of sockets) socket.destroy();
    await listening?.close();
  };
  listening = await listenAt(hosts, wanted, onConnection);
  return { port: listening.port, close };
}

type Listening = Gate;

/** Throws LISTEN_FAILED. */
async function listenAt(
  hosts: readonly string[],
  wanted: number,
  onConnection: (socket: Socket) => void,
): Promise<Listening> {
  const servers: Server[] = [];
  let port = wanted;
  const close = async () => {
    await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  };
  for (const host of hosts) {
    try {
      // Half open: an end of a tunnel that has said all may still hear something.
      const server = createServer({ allowHalfOpen: true, noDelay: true }, onConnection);
      await once(server.listen({ host, port, ipv6Only: true }), 'listening');
      servers.push(server.on('error', () => {}));
      port = (server.address() as AddressInfo).port;
    } catch (error) {
      await close();
      const address = formatAddress({ host, port });
      throw new SyncError('LISTEN_FAILED', { address, detail: messageOf(error) }, { cause: error });
    }
  }
  return { port, close };
}

/** What a connection begins with; what follows it is left to be read. Rejects when it is none, and when the socket closes. */
function preambleOf(socket: Socket): Promise<Preamble> {
  let held = Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    const onClose = () => reject(new SyncError('CANCELLED', { what: 'A connection to a gate' }));
    const onData = (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      try {
        const read = readPreamble(held);
        if (read === undefined) return;
        socket.off('data', onData).off('close', onClose).pause();
        socket.unshift(held.subarray(read.length));
        resolve(read.preamble);
      } catch (error) {
        reject(error);
      }
    };
    socket.on('data', onData).once('close', onClose);
  });
}
