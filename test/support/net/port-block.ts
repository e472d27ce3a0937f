/** Ports of one's own: below those that the system gives out, and held against other processes of the tests. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

export interface PortBlock {
  readonly first: number;
  readonly last: number;
  release(): Promise<void>;
}

const FIRST = 20_000;
const BLOCKS = 100;
const BLOCK_PORTS = 100;

/** The port before the block is listened at for as long as the block is held: that is how others see it. */
export async function takePortBlock(): Promise<PortBlock> {
  for (let tried = 0; tried < BLOCKS; tried += 1) {
    const mark = FIRST + ((process.pid + tried) % BLOCKS) * BLOCK_PORTS;
    const holder = await listenAt(mark);
    if (holder === undefined) continue;
    const release = async () => {
      holder.close();
      await once(holder, 'close');
    };
    return { first: mark + 1, last: mark + BLOCK_PORTS - 1, release };
  }
  throw new Error('every block of ports is taken');
}

async function listenAt(port: number): Promise<Server | undefined> {
  const server = createServer();
  try {
    server.listen({ port, host: '127.0.0.1', exclusive: true });
    await once(server, 'listening');
    return server.unref();
  } catch {
    return undefined;
  }
}
