/**
 * Signalling on a local network, where there may be no DHT to go through: the same Noise as on streams of the DHT, with the
 * same keys, over TCP. (HyperDHT connects through its nodes only.) Neither side knows the other's key before; the
 * introduction that follows says whose it is.
 */
import { connect, type Socket } from 'node:net';
import { SIGNAL_SESSIONS } from '../../limits.ts';
import type { Address } from '../address.ts';
import type { HostChoice } from '../addresses/host-choice.ts';
import { listenTcp, type TcpListeners } from '../addresses/tcp-listeners-adapter.ts';
import { noiseKeyPair, noiseOver } from '../noise-adapter.ts';
import { noiseSignals } from '../signalling/noise-signals-adapter.ts';
import { openedSignals } from '../signalling/opened-signals.ts';
import type { SignalStream } from '../signalling/signal-stream.ts';

export interface LanSignals extends Pick<TcpListeners, 'portAt' | 'reopen'> {
  /** Undefined when nobody is there. Throws the signal's reason. */
  connect(address: Address, options: { signal: AbortSignal }): Promise<SignalStream | undefined>;
  close(): Promise<void>;
}

export interface LanSignalsOptions {
  /** 32 bytes that make the device's key, the one it has in the DHT. */
  readonly seed: Uint8Array;
  readonly hosts: HostChoice;
  onStream(stream: SignalStream): void;
}

/** Listens on free ports. Throws LISTEN_FAILED. */
export async function listenForLanSignals({ seed, hosts, onStream }: LanSignalsOptions): Promise<LanSignals> {
  const keyPair = noiseKeyPair(seed);
  const sockets = new Set<Socket>();
  const secure = (socket: Socket, isInitiator: boolean) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    return noiseOver(socket, { isInitiator, keyPair });
  };
  const listeners = await listenTcp({
    hosts,
    maxConnections: SIGNAL_SESSIONS,
    onConnection: (socket) => onStream(noiseSignals(secure(socket, false), { isLocal: true })),
  });
  return {
    portAt: listeners.portAt,
    reopen: listeners.reopen,
    async connect(to, { signal }) {
      signal.throwIfAborted();
      try {
        return await openedSignals(secure(connect({ ...to }), true), { isLocal: true, signal });
      } catch {
        signal.throwIfAborted();
        return undefined;
      }
    },
    async close() {
      const closed = listeners.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
