/** Connections to TURN servers. */
import { once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, rootCertificates } from 'node:tls';
import { SyncError } from '../../errors.ts';
import { formatAddress } from '../address.ts';
import { reasonOf } from '../reason-of.ts';
import type { TurnServer } from './turn-server.ts';

/**
 * By TCP, or TLS with the server's name checked as for a web site. Throws RELAY_LOST when nothing comes of it, and the
 * signal's reason.
 */
export async function connectToTurn(
  { address, transports, authorities = [] }: TurnServer,
  { signal }: { readonly signal: AbortSignal },
): Promise<Duplex> {
  signal.throwIfAborted();
  const ca = authorities.length > 0 ? { ca: [...rootCertificates, ...authorities] } : {};
  const servername = isIP(address.host) === 0 ? { servername: address.host } : {};
  const isSecure = transports.includes('tls');
  const socket: Socket = isSecure ? connectTls({ ...address, ...servername, ...ca }) : connectTcp(address);
  // All the time, not only where somebody waits: an error may come between two listeners, and nobody hears it then.
  socket.on('error', () => {});
  const cancel = () => socket.destroy();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    await once(socket, isSecure ? 'secureConnect' : 'connect', { signal });
    socket.setNoDelay(true);
    return socket;
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw new SyncError('RELAY_LOST', { detail: `${formatAddress(address)} ${reasonOf(error)}` }, { cause: error });
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
