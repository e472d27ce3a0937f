import { once } from 'node:events';
import { connect } from 'node:net';
import type { Address } from '../address.ts';

const BYTES = Buffer.from('swarmlog doctor');

/** Connects by TCP, and waits until what it sends has come back. Throws what node throws, the signal's reason. */
export async function echoFrom({ host, port }: Address, signal: AbortSignal): Promise<void> {
  const socket = connect(port, host);
  socket.on('error', () => {});
  try {
    await once(socket, 'connect', { signal });
    socket.write(BYTES);
    for (let received = 0; received < BYTES.length; ) {
      const [chunk] = (await once(socket, 'data', { signal })) as [Uint8Array];
      received += chunk.length;
    }
  } finally {
    socket.destroy();
  }
}
