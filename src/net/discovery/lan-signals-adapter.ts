/**
 * Signalling on a local network, where there may be no DHT to go through: the same Noise as on streams of the DHT, with the
 * same keys, over TCP. (HyperDHT connects through its nodes only.) Neither side knows the other's key before; the
 * introduction that follows says whose it is.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import NoiseSecretStream from '@hyperswarm/secret-stream';
import { messageOf, SyncError } from '../../errors.ts';
import { SIGNAL_SESSIONS } from '../../limits.ts';
import type { Address } from '../address.ts';
import { noiseSignals } from '../signalling/noise-signals-adapter.ts';
import type { SignalStream } from '../signalling/signal-stream.ts';

export interface LanSignals {
  readonly address: Address;
  /** Undefined when nobody is there. Throws the signal's reason. */
  connect(address: Address, options: { signal: AbortSignal }): Promise<SignalStream | undefined>;
  close(): Promise<void>;
}

export interface LanSignalsOptions {
  /** 32 bytes that make the device's key, the one it has in the DHT. */
  readonly seed: Uint8Array;
  readonly host: string;
  onStream(stream: SignalStream): void;
}

/** Listens on a free port. Throws LISTEN_FAILED. */
export async function listenForLanSignals({ seed, host, onStream }: LanSignalsOptions): Promise<LanSignals> {
  const keyPair = NoiseSecretStream.keyPair(Buffer.from(seed));
  const sockets = new Set<Socket>();
  const secure = (socket: Socket, isDialer: boolean) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    return new NoiseSecretStream(isDialer, socket, { keyPair });
  };
  const server = createServer((socket) => onStream(noiseSignals(secure(socket, false))));
  server.maxConnections = SIGNAL_SESSIONS;
  await listening(server, host);
  const { port } = server.address() as AddressInfo;
  return {
    address: { host, port },
    async connect(to, { signal }) {
      signal.throwIfAborted();
      const stream = secure(connect({ ...to, localAddress: host }), true);
      const signals = noiseSignals(stream);
      try {
        await once(stream, 'open', { signal });
        return signals;
      } catch {
        signals.close();
        signal.throwIfAborted();
        return undefined;
      }
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function listening(server: Server, host: string): Promise<void> {
  try {
    await once(server.listen(0, host), 'listening');
  } catch (error) {
    throw new SyncError('LISTEN_FAILED', { address: host, detail: messageOf(error) }, { cause: error });
  }
}
