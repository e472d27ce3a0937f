/** A git server that says whatever it is told to. */
import { createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { FLUSH_PACKET, formatPacket } from '../../../src/conversation/sync/pkt-line.ts';
import { formatSideBand } from '../../../src/conversation/sync/side-band.ts';

/** A server that does with each connection whatever it is told. */
export async function listening(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return `git://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}/x`;
}

/** The address of a server that advertises a head and sends these bytes for a pack, whatever is wanted. */
export function servingPack(head: string, pack: Uint8Array): Promise<string> {
  const advertisement = Buffer.concat([formatPacket(`${head} HEAD\0side-band-64k ofs-delta\n`), FLUSH_PACKET]);
  const answer = Buffer.concat([formatPacket('NAK\n'), ...formatSideBand('pack', pack, 'side-band-64k'), FLUSH_PACKET]);
  return listening((socket) => {
    let heard = '';
    let isAdvertised = false;
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1');
      if (!isAdvertised) socket.write(advertisement);
      isAdvertised = true;
      if (heard.includes('0009done\n')) socket.end(answer);
    });
  });
}
