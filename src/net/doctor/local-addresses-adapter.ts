/** What this machine itself says about its network. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';

export interface LocalAddress {
  /** The name of the interface. */
  readonly on: string;
  readonly host: string;
}

export function localAddresses(): readonly LocalAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([on, addresses]) =>
    (addresses ?? []).map(({ address: host }) => ({ on, host })),
  );
}

/** Listens on a free port of the host for a moment, by TCP and by UDP. Throws what node throws. */
export async function tryPorts(host: string): Promise<void> {
  const server = createServer();
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  try {
    server.listen(0, host);
    await once(server, 'listening');
    socket.bind(0, host);
    await once(socket, 'listening');
  } finally {
    server.close();
    socket.close();
  }
}
