/** Whether this machine lets others in at all. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

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
