/** TLS 1.3 with certificates on both sides, over TCP or any other byte stream. Whose certificates they are is judged elsewhere. */
import { constants } from 'node:crypto';
import { once } from 'node:events';
import type { OnReadOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type ConnectionOptions,
  connect,
  createSecureContext,
  createServer,
  type DetailedPeerCertificate,
  type TLSSocket,
} from 'node:tls';
import { messageOf, SyncError } from '../../errors.ts';
import { TLS_HANDSHAKE_MS } from '../../limits.ts';
import type { Log, Milliseconds } from '../../ports.ts';
import { formatAddress } from '../address.ts';
import type { HostChoice } from '../addresses/host-choice.ts';
import type { Route } from '../addresses/route.ts';
import { listenTcp, type TcpListeners } from '../addresses/tcp-listeners-adapter.ts';
import { plainHost } from '../ip-address.ts';
import { readIntoOneBuffer, TLS_RECORD_BYTES } from './one-buffer-adapter.ts';
import { createUnproved } from './unproved-adapter.ts';

/** What this device shows: PEM, the chain leaf first, and the key PKCS#8. */
export interface TlsCredentials {
  readonly chainPem: string;
  readonly privateKeyPem: string;
}

export interface TlsStream {
  /** What it emits as `data` holds until the listener returns: its memory is used again. */
  readonly stream: Duplex;
  /** DER, leaf first, as the peer presented them. It proved to hold the leaf's key and nothing else. */
  readonly certificates: readonly Uint8Array[];
  /** `host:port` of both ends; of TCP paths only. */
  readonly local: string | undefined;
  readonly remote: string | undefined;
}

/**
 * A name is presented as the server name (SNI). TLS 1.3 only has ciphers with authentication (AEAD); we leave out the
 * short-tagged ones.
 */
const TLS = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256',
  // The chain is checked by our own rules: no public authority knows these certificates.
  rejectUnauthorized: false,
  // No listener takes a session up again, whoever kept its ticket: each link proves both certificates anew.
  secureOptions: constants.SSL_OP_NO_TICKET,
} as const;

export interface DialTls {
  readonly credentials: TlsCredentials;
  /** The name under which the other side expects us. */
  readonly name: string;
  readonly signal: AbortSignal;
}

/** Connects by TCP. Throws what node throws, or the signal's reason. */
export function dialTls(to: Route & { readonly port: number }, options: DialTls): Promise<TlsStream> {
  return shakeHands({ ...to }, options);
}

/** As the client, over a stream that exists. The TLS stream owns it. */
export function dialTlsOver(stream: Duplex, options: DialTls): Promise<TlsStream> {
  return shakeHands({ socket: stream }, options);
}

async function shakeHands(
  to: ConnectionOptions & { localAddress?: string },
  { credentials, name, signal }: DialTls,
): Promise<TlsStream> {
  signal.throwIfAborted();
  const { chainPem: cert, privateKeyPem: key } = credentials;
  const onread: OnReadOpts = {
    buffer: Buffer.allocUnsafeSlow(TLS_RECORD_BYTES),
    callback: (count, buffer) => passOn(socket, buffer.subarray(0, count)),
  };
  const options = { ...TLS, ...to, cert, key, servername: name, onread };
  const socket = connect(options);
  // All the time, not only where somebody waits: an error may come between two listeners, and nobody hears it then.
  socket.on('error', () => {});
  const cancel = () => socket.destroy();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    await once(socket, 'secureConnect', { signal });
    // Node leaves `onread` out where the stream exists already.
    if (to.socket) readIntoOneBuffer(socket, (bytes) => passOn(socket, bytes));
    return describeStream(socket);
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** Bytes in a buffer that is used again at once. Until somebody listens, the stream keeps them. False when it has enough. */
function passOn(socket: TLSSocket, bytes: Uint8Array): boolean {
  if (!socket.readableFlowing || socket.readableLength > 0) return socket.push(Buffer.from(bytes));
  socket.emit('data', bytes);
  return true;
}

export interface TlsListener extends Pick<TcpListeners, 'portAt' | 'reopen'> {
  /** Treats a stream as if it had come in by TCP. */
  accept(stream: Duplex): void;
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly credentials: TlsCredentials;
  readonly hosts: HostChoice;
  readonly log: Log;
  /** For a whole handshake; `TLS_HANDSHAKE_MS` unless given. */
  readonly handshakeMs?: Milliseconds;
  /** Whether somebody is expected under the name. Asked before anything costly is done. */
  isExpected(name: string): boolean;
  onStream(name: string, stream: TlsStream): void;
}

/**
 * Listens on free ports. A connection that does not name an expected session gets no certificate from us, and costs
 * no signature: the listener has none but through the name. Throws LISTEN_FAILED.
 */
export async function listenTls(options: ListenOptions): Promise<TlsListener> {
  const { credentials, hosts, log, isExpected, onStream, handshakeMs = TLS_HANDSHAKE_MS } = options;
  const context = createSecureContext({ ...TLS, cert: credentials.chainPem, key: credentials.privateKeyPem });
  const server = createServer({
    ...TLS,
    requestCert: true,
    handshakeTimeout: handshakeMs,
    SNICallback: (name, answer) => (isExpected(name) ? answer(null, context) : answer(unexpected(name))),
  });
  const unproved = createUnproved(handshakeMs);
  server.on('connection', unproved.add);
  server.on('tlsClientError', (error) => log.debug('incoming connection failed', { reason: messageOf(error) }));
  server.on('secureConnection', (socket) => {
    unproved.settle(socket);
    socket.on('error', () => {});
    readIntoOneBuffer(socket, (bytes) => passOn(socket, bytes));
    if (typeof socket.servername === 'string') onStream(socket.servername, describeStream(socket));
    else socket.destroy();
  });
  const accept = (stream: Duplex) => void server.emit('connection', stream);
  // It listens on nothing itself: there may be several addresses.
  const listeners = await listenTcp({ hosts, onConnection: accept });
  return {
    accept,
    portAt: listeners.portAt,
    reopen: listeners.reopen,
    async close() {
      unproved.destroyAll();
      await listeners.close();
    },
  };
}

function unexpected(name: string): Error {
  return new SyncError('PEER_REJECTED', { detail: `nobody is expected under the name ${name}` });
}

function describeStream(socket: TLSSocket): TlsStream {
  // Frames are small now and then, and each is somebody's answer.
  socket.setNoDelay(true);
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  return {
    stream: socket,
    certificates: presentedBy(socket),
    local: endText(localAddress, localPort),
    remote: endText(remoteAddress, remotePort),
  };
}

function endText(host: string | undefined, port: number | undefined): string | undefined {
  return host === undefined || port === undefined ? undefined : formatAddress({ host: plainHost(host), port });
}

/** The self-signed end of a chain is its own issuer. */
function presentedBy(socket: TLSSocket): readonly Uint8Array[] {
  const certificates: Uint8Array[] = [];
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (next?.raw !== undefined && certificates.length < MOST_CERTIFICATES) {
    certificates.push(next.raw);
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate;
  }
  return certificates;
}

/** One more than a chain has, so that a longer one is seen to be wrong. */
const MOST_CERTIFICATES = 4;
