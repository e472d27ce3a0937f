import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { HANDSHAKES_PENDING, HANDSHAKES_PER_ADDRESS } from '../../limits.ts';
import type { Milliseconds } from '../../ports.ts';
import { networkOf } from '../ip-address.ts';

/** Incoming connections whose handshake is not over. */
export interface Unproved {
  add(socket: Duplex): void;
  /** The handshake over the connection with these ends has succeeded. */
  settle(ends: Ends): void;
  destroyAll(): void;
}

interface Ends {
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

interface Pending {
  readonly socket: Socket;
  readonly timer: NodeJS.Timeout;
}

/**
 * Holds few of them, in all and from each address: the oldest goes when there are more. None takes longer than its time
 * (node's own time for a handshake begins anew with each byte that comes).
 */
export function createUnproved(handshakeMs: Milliseconds): Unproved {
  const pending = new Map<string, Pending>();

  function forget(ends: Ends): void {
    const key = keyOf(ends);
    clearTimeout(pending.get(key)?.timer);
    pending.delete(key);
  }

  function turnAway(socket: Socket | undefined): void {
    if (socket === undefined) return;
    forget(socket);
    socket.destroy();
  }

  function dropOldest(): void {
    const all = [...pending.values()].map(({ socket }) => socket);
    const caller = callerOf(all.at(-1));
    const ofAddress = all.filter((socket) => callerOf(socket) === caller);
    if (ofAddress.length > HANDSHAKES_PER_ADDRESS) turnAway(ofAddress[0]);
    else if (all.length > HANDSHAKES_PENDING) turnAway(all[0]);
  }

  return {
    add(socket) {
      if (!isTcp(socket)) return;
      const ends = { localPort: socket.localPort, remoteAddress: socket.remoteAddress, remotePort: socket.remotePort };
      socket.once('close', () => forget(ends));
      pending.set(keyOf(ends), { socket, timer: setTimeout(() => turnAway(socket), handshakeMs) });
      dropOldest();
    },
    settle: forget,
    destroyAll() {
      for (const { socket } of [...pending.values()]) turnAway(socket);
    },
  };
}

function keyOf({ localPort, remoteAddress, remotePort }: Ends): string {
  return `${localPort} ${remoteAddress} ${remotePort}`;
}

/** Nobody once the connection is gone. */
function callerOf(socket: Socket | undefined): string | undefined {
  return socket?.remoteAddress === undefined ? undefined : networkOf(socket.remoteAddress);
}

function isTcp(socket: Duplex): socket is Socket {
  return 'remotePort' in socket && typeof socket.remotePort === 'number';
}
