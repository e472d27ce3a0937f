/** A process that sends a file to whoever connects, over plain TLS 1.3. Arguments: the file, then certificate and key as PEM files. */
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { createServer, type TLSSocket } from 'node:tls';

const PIECE_BYTES = 1024 * 1024;
const [path = '', certificate = '', privateKey = ''] = process.argv.slice(2);

const options = { cert: readFileSync(certificate), key: readFileSync(privateKey), minVersion: 'TLSv1.3' } as const;
const server = createServer(options, (socket) => void send(socket));
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());

/** Reads one piece ahead. A piece belongs to the socket until it has left. */
async function send(socket: TLSSocket): Promise<void> {
  await using file = await open(path, 'r');
  const read = (memory: Buffer, position: number) => file.read(memory, 0, PIECE_BYTES, position);
  let [sending, ahead] = [Buffer.allocUnsafeSlow(PIECE_BYTES), Buffer.allocUnsafeSlow(PIECE_BYTES)];
  let position = 0;
  for (let { bytesRead } = await read(sending, 0); bytesRead > 0; ) {
    position += bytesRead;
    const reading = read(ahead, position);
    const piece = sending.subarray(0, bytesRead);
    await new Promise((resolve) => socket.write(piece, resolve));
    [sending, ahead] = [ahead, sending];
    ({ bytesRead } = await reading);
  }
  socket.end();
}
