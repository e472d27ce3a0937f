import type { Duplex } from 'node:stream';
import { withDeadline } from '../../deadline.ts';
import { messageOf } from '../../errors.ts';
import type { DeviceKeys } from '../../identity/identity.ts';
import type { DeviceId } from '../../ids.ts';
import { TLS_HANDSHAKE_MS } from '../../limits.ts';
import type { Clock, Log, PeerIdentity } from '../../ports.ts';
import type { HostChoice } from '../addresses/host-choice.ts';
import type { Route } from '../addresses/route.ts';
import type { TcpListeners } from '../addresses/tcp-listeners-adapter.ts';
import type { KnownChains } from './known-chains.ts';
import { provePeer } from './prove-peer.ts';
import { dialTls, dialTlsOver, listenTls, type TlsStream } from './tls-adapter.ts';

/** An encrypted stream to a device that proved who it is. Whoever gets it owns it. */
export interface ProvedStream {
  /** What it emits as `data` holds until the listener returns: its memory is used again. */
  readonly stream: Duplex;
  readonly peer: PeerIdentity;
  /** `host:port` of both ends; of TCP paths only. */
  readonly local: string | undefined;
  readonly remote: string | undefined;
  /** A third machine forwards the bytes. */
  readonly isRelayed?: boolean;
}

/** Whom we wait for, under a name that nobody else knows. */
export interface Expectation {
  readonly name: string;
  readonly device: DeviceId;
  onStream(stream: ProvedStream): void;
}

export interface DialSecure {
  readonly name: string;
  readonly device: DeviceId;
  readonly signal: AbortSignal;
}

/** Streams secured with both devices' certificates. The same for every kind of path. */
export interface SecureStreams extends Pick<TcpListeners, 'portAt' | 'reopen'> {
  /** Returns how to stop waiting. */
  expect(expectation: Expectation): () => void;
  /** Throws PEER_REJECTED, TIMED_OUT, the signal's reason, what the connection fails with. */
  dial(to: Route & { readonly port: number }, options: DialSecure): Promise<ProvedStream>;
  /** As `dial`, over a stream that exists; owns it. */
  dialOver(stream: Duplex, options: DialSecure): Promise<ProvedStream>;
  /** Waits for the other side's `dialOver`. */
  answerOver(stream: Duplex): void;
  close(): Promise<void>;
}

export interface SecureStreamsOptions {
  readonly keys: DeviceKeys;
  readonly hosts: HostChoice;
  readonly known: KnownChains;
  readonly clock: Clock;
  readonly log: Log;
}

/** Throws LISTEN_FAILED. */
export async function createSecureStreams(options: SecureStreamsOptions): Promise<SecureStreams> {
  const { keys, hosts, known, clock, log } = options;
  const expected = new Map<string, Expectation>();

  async function prove(tls: TlsStream, device: DeviceId): Promise<ProvedStream> {
    try {
      const { stream, local, remote } = tls;
      const peer = await provePeer(tls.certificates, { expected: device, now: clock.now(), known });
      return { stream, peer, local, remote };
    } catch (error) {
      tls.stream.destroy();
      throw error;
    }
  }

  async function onStream(name: string, tls: TlsStream): Promise<void> {
    const expectation = expected.get(name);
    if (expectation === undefined) {
      tls.stream.destroy();
      return;
    }
    try {
      expectation.onStream(await prove(tls, expectation.device));
    } catch (error) {
      log.warn('incoming connection rejected', { device: expectation.device, reason: messageOf(error) });
    }
  }

  const listener = await listenTls({
    credentials: keys,
    hosts,
    log,
    isExpected: (name) => expected.has(name),
    onStream: (name, stream) => void onStream(name, stream),
  });

  function shake(options: DialSecure, dial: (signal: AbortSignal) => Promise<TlsStream>): Promise<ProvedStream> {
    const deadline = { what: 'The TLS handshake', ms: TLS_HANDSHAKE_MS, clock, signal: options.signal };
    return withDeadline(deadline, async (signal) => {
      const proved = await prove(await dial(signal), options.device);
      // Too late: nobody will take it over.
      if (signal.aborted) proved.stream.destroy();
      return proved;
    });
  }

  return {
    portAt: listener.portAt,
    reopen: listener.reopen,
    expect(expectation) {
      expected.set(expectation.name, expectation);
      return () => void expected.delete(expectation.name);
    },
    dial: (to, { name, ...options }) =>
      shake({ name, ...options }, (signal) => dialTls(to, { credentials: keys, name, signal })),
    dialOver: (stream, { name, ...options }) =>
      shake({ name, ...options }, (signal) => dialTlsOver(stream, { credentials: keys, name, signal })),
    answerOver: (stream) => listener.accept(stream),
    close: () => listener.close(),
  };
}
