/**
 * The only door to node-datachannel: ICE over UDP, and a data channel as a byte stream.
 *
 * - What is collected as garbage never opens and can crash the process: every connection is held in `live` until closed.
 * - A throw inside a callback aborts the process: every callback is wrapped.
 * - DTLS checks no chain: the fingerprint of the signal is pinned, and TLS above proves the device.
 * - No servers but the given relays are contacted, and the peer; sockets are bound to the given address. Relays are spoken to by
 *   UDP only, and one without `relayType` would be taken for a STUN server.
 * - The library's threads keep the process alive until `cleanup`: whoever uses this says when it is done.
 */
import type { Duplex } from 'node:stream';
import { cleanup, type DataChannel, PeerConnection, setSctpSettings } from 'node-datachannel';
import { SyncError } from '../../errors.ts';
import { type Address, formatAddress } from '../address.ts';
import {
  fingerprintIn,
  formatSdp,
  formatSdpCandidate,
  MEDIA_ID,
  parseSdpCandidate,
} from '../paths/session-description.ts';
import type { Candidate } from '../signalling/candidate.ts';
import type { Credentials, Description } from '../signalling/description.ts';
import { DataChannelStream } from './data-channel-stream.ts';
import { guarded, quietly } from './guarded.ts';

/** What is under way fills a link of 50 ms and some hundred Mbit/s; the default does not. */
const SCTP_BUFFER_BYTES = 8 * 1024 * 1024;

/** Counts who needs the library; the last to leave stops its threads. */
const live = new Set<DataPeer>();
let users = 0;
let hasStarted = false;

/** Returns how to say that the library is not needed any more. */
export function useDataChannels(): () => void {
  users += 1;
  return () => {
    users -= 1;
    if (users > 0 || !hasStarted) return;
    for (const peer of live) peer.close();
    hasStarted = false;
    cleanup();
  };
}

export interface DataPeerOptions {
  /** All addresses when there is none. */
  readonly bindAddress: string | undefined;
  readonly credentials: Credentials;
  /** The answerer passes the offer. */
  readonly offer: Description | undefined;
  readonly relays: readonly UdpRelay[];
}

/** A TURN server to be spoken to by UDP. */
export interface UdpRelay extends Address {
  readonly username: string;
  readonly password: string;
}

export interface DataPath {
  readonly local: string;
  readonly remote: string;
  readonly isRelayed: boolean;
}

/** One end of a data channel connection. */
export class DataPeer {
  /** Rejects when the connection fails before the channel is open. The stream owns the connection from then on. */
  readonly opened: Promise<Duplex>;
  readonly #connection: PeerConnection;
  readonly #options: DataPeerOptions;
  /** Held, lest it is collected as garbage. */
  #channel: DataChannel | undefined;
  #stream: DataChannelStream | undefined;
  #resolve: (stream: Duplex) => void = () => {};
  #reject: (error: SyncError) => void = () => {};

  constructor(options: DataPeerOptions) {
    this.#options = options;
    if (!hasStarted) setSctpSettings({ recvBufferSize: SCTP_BUFFER_BYTES, sendBufferSize: SCTP_BUFFER_BYTES });
    hasStarted = true;
    this.opened = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.opened.catch(() => {});
    this.#connection = new PeerConnection('link', {
      iceServers: options.relays.map(({ host: hostname, ...relay }) => ({ hostname, ...relay, relayType: 'TurnUdp' })),
      ...(options.bindAddress !== undefined && { bindAddress: options.bindAddress }),
      disableAutoNegotiation: true,
    });
    live.add(this);
    this.#connection.onStateChange(guarded((state) => this.#onState(state)));
    this.#connection.onDataChannel(guarded((channel) => this.#hold(channel)));
  }

  /**
   * Offers, or answers the offer, and waits for the own addresses as long as `patience` lasts. One at a relay is enough: the
   * other relays may be dead.
   */
  async describe(patience: Promise<void>): Promise<Description> {
    // Whoever gives the path up before there is a description does so while nobody waits for the patience yet.
    patience.catch(() => {});
    const { credentials, offer } = this.#options;
    const { ufrag: iceUfrag, pwd: icePwd } = credentials;
    const candidates: Candidate[] = [];
    const described = new Promise<string>((resolve) => this.#connection.onLocalDescription(guarded(resolve)));
    const relayed = new Promise<void>((resolve) =>
      this.#connection.onLocalCandidate(
        guarded((line) => {
          const candidate = parseSdpCandidate(line);
          if (candidate) candidates.push(candidate);
          if (candidate?.type === 'relay') resolve();
        }),
      ),
    );
    const gathered = new Promise<void>((resolve) =>
      this.#connection.onGatheringStateChange(guarded((state) => state === 'complete' && resolve())),
    );
    if (offer === undefined) this.#hold(this.#connection.createDataChannel('link'));
    else this.#connection.setRemoteDescription(formatSdp(offer, 'offer'), 'offer');
    this.#connection.setLocalDescription(offer === undefined ? 'offer' : 'answer', { iceUfrag, icePwd });
    const fingerprint = fingerprintIn(await described);
    await Promise.race([gathered, relayed, patience]);
    return { ...credentials, candidates, fingerprint };
  }

  /** Offerer: takes the answer in. */
  accept(answer: Description): void {
    this.#connection.setRemoteDescription(formatSdp(answer, 'answer'), 'answer');
  }

  /** One that comes when the connection has failed already, or that it cannot use, is of no use: others may be. */
  addCandidate(candidate: Candidate): void {
    quietly(() => this.#connection.addRemoteCandidate(formatSdpCandidate(candidate), MEDIA_ID));
  }

  /** The pair of addresses that ICE chose. */
  path(): DataPath | undefined {
    const pair = this.#connection.getSelectedCandidatePair();
    if (pair === null) return undefined;
    const { local, remote } = pair;
    return {
      local: formatAddress({ host: local.address, port: local.port }),
      remote: formatAddress({ host: remote.address, port: remote.port }),
      isRelayed: local.type === 'relay' || remote.type === 'relay',
    };
  }

  /** Harmless when closed already. */
  close(): void {
    if (!live.delete(this)) return;
    this.#reject(new SyncError('CANCELLED', { what: 'The data channel' }));
    this.#stream?.destroy();
    quietly(() => this.#channel?.close());
    quietly(() => this.#connection.close());
  }

  #hold(channel: DataChannel): void {
    if (this.#channel !== undefined) return;
    this.#channel = channel;
    channel.onOpen(guarded(() => this.#onOpen(channel)));
    channel.onClosed(guarded(() => this.close()));
    if (channel.isOpen()) this.#onOpen(channel);
  }

  #onOpen(channel: DataChannel): void {
    if (this.#stream !== undefined) return;
    this.#stream = new DataChannelStream(channel, () => this.close());
    this.#resolve(this.#stream);
  }

  #onState(state: string): void {
    if (state !== 'failed' && state !== 'closed') return;
    this.#reject(new SyncError('CHANNEL_CLOSED', { channel: 'The data channel', reason: `ICE ${state}` }));
    this.close();
  }
}
