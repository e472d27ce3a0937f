/** The sockets of an ICE agent for TCP. What is to be done with them says the machine. */
import { connect, type Socket } from 'node:net';
import { SyncError } from '../../errors.ts';
import { ICE_AGAIN_MS, ICE_MS } from '../../limits.ts';
import { never } from '../../never.ts';
import type { Clock, Random } from '../../ports.ts';
import type { Address } from '../address.ts';
import type { OwnAddresses } from '../addresses/own-addresses.ts';
import { listenTcp, type TcpListeners } from '../addresses/tcp-listeners-adapter.ts';
import { plainHost } from '../ip-address.ts';
import { ACTIVE_PORT, type Candidate, tcpPriority } from '../signalling/candidate.ts';
import type { Credentials } from '../signalling/description.ts';
import { createDriver } from '../signalling/machine-driver.ts';
import { decodeStun, encodeStun } from '../stun/message.ts';
import { type AgentEffect, type AgentInput, step } from './agent-machine.ts';
import { agentState, type RemoteEnd } from './agent-state.ts';
import { createFramedReader, type FramedReader, frameMessage } from './framing.ts';
import type { CandidatePair, IceRole } from './pairs.ts';
import { type Reflexive, reflexivesOf } from './reflexive-adapter.ts';

export interface IceTcpOptions {
  readonly own: OwnAddresses;
  /** Whether link-local addresses are of use. */
  readonly isLocal: boolean;
  readonly credentials: Credentials;
  readonly role: IceRole;
  /** Servers that say from where they see us come, over TCP. */
  readonly stunServers: readonly Address[];
  readonly clock: Clock;
  readonly random: Random;
  /** We do not get through; the other side may still get through to us. */
  onExhausted(): void;
}

export interface SelectedSocket {
  /** Paused, and whoever gets it owns it. All that comes on it now was said after the checks. */
  readonly socket: Socket;
  /** Who is controlling speaks first. */
  readonly role: IceRole;
}

interface Live {
  readonly socket: Socket;
  readonly reader: FramedReader;
  stopReading(): void;
}

export class IceTcpAgent {
  /** Rejects with TIMED_OUT when no connection came up, with CANCELLED when the agent was closed before. */
  readonly selected: Promise<SelectedSocket>;
  readonly #options: IceTcpOptions;
  readonly #over = new AbortController();
  readonly #live = new Map<string, Live>();
  #listeners: TcpListeners | undefined;
  #reflexive: readonly Reflexive[] = [];
  #accepted = 0;
  #feed: (input: AgentInput) => void = () => {};
  #resolve: (selected: SelectedSocket) => void = () => {};
  #reject: (reason: unknown) => void = () => {};

  constructor(options: IceTcpOptions) {
    this.#options = options;
    this.selected = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.selected.catch(() => {});
  }

  /** Listens, and asks the servers. Called once, and first. Throws LISTEN_FAILED. */
  async gather(): Promise<readonly Candidate[]> {
    const { own, isLocal, credentials, role, random, stunServers, clock } = this.#options;
    const { signal } = this.#over;
    const listeners = await listenTcp({ hosts: own.hosts, onConnection: (socket) => this.#accept(socket) });
    this.#listeners = listeners;
    if (signal.aborted) void listeners.close();
    signal.throwIfAborted();
    this.#reflexive = await reflexivesOf(stunServers, { own, clock, random, signal });
    const hosts = own.list({ isLocal }).flatMap((address, rank) => {
      const port = listeners.portAt(address);
      const { host } = address;
      const active = tcpCandidate('host', 'active', { host, port: ACTIVE_PORT, rank });
      return port === undefined ? [active] : [tcpCandidate('host', 'passive', { host, port, rank }), active];
    });
    const reflexive = this.#reflexive.map(({ mapped }, rank) => tcpCandidate('srflx', 'so', { ...mapped, rank }));
    const candidates = [...hosts, ...reflexive];
    const initial = agentState({
      ...{ role, local: { ...credentials, candidates } },
      tieBreaker: Buffer.from(random.bytes(8)).readBigUInt64BE(),
      transactionPrefix: Buffer.from(random.bytes(8)).toString('hex'),
    });
    this.#feed = createDriver({ initial, step }, (effect) => this.#perform(effect));
    return candidates;
  }

  begin(remote: RemoteEnd): void {
    this.#feed({ kind: 'begin', remote });
  }

  /** Frees everything but a socket that was selected. */
  close(): void {
    const reason = new SyncError('CANCELLED', { what: 'The search for a TCP connection' });
    this.#over.abort(reason);
    this.#reject(reason);
    void this.#listeners?.close();
    for (const { socket } of this.#live.values()) socket.destroy();
    for (const { keeper } of this.#reflexive) keeper.destroy();
    this.#live.clear();
  }

  #perform(effect: AgentEffect): void {
    switch (effect.kind) {
      case 'connect':
        this.#connect(effect.connection, effect.pair);
        break;
      case 'send':
        this.#live.get(effect.connection)?.socket.write(frameMessage(encodeStun(effect.message, effect.key)));
        break;
      case 'close':
        this.#live.get(effect.connection)?.socket.destroy();
        this.#live.delete(effect.connection);
        break;
      case 'wake-after': {
        const { timer, ms } = effect;
        const wake = () => this.#feed({ kind: 'woken', timer });
        this.#options.clock.wait(ms, this.#over.signal).then(wake, () => {});
        break;
      }
      case 'exhausted':
        this.#options.onExhausted();
        break;
      case 'select':
        this.#select(effect.connection, effect.role);
        break;
      case 'fail':
        this.#reject(new SyncError('TIMED_OUT', { what: 'The search for a TCP connection', ms: ICE_MS }));
        this.close();
        break;
      default:
        never(effect);
    }
  }

  #select(connection: string, role: IceRole): void {
    const found = this.#live.get(connection);
    this.#live.delete(connection);
    if (found === undefined) return;
    const { socket, reader, stopReading } = found;
    stopReading();
    const rest = reader.rest();
    if (rest.length > 0) socket.unshift(rest);
    this.#resolve({ socket, role });
    this.close();
  }

  #connect(connection: string, pair: CandidatePair): void {
    const { address: host, port } = pair.remote;
    const base = this.#reflexive.find(({ mapped }) => isAt(mapped, pair.local));
    const socket = connect({ port, ...this.#endsOf(pair, base) });
    const again = base === undefined ? undefined : () => this.#connectAgain(connection, pair);
    this.#attach(connection, socket, again);
    socket.once('connect', () => this.#feed({ kind: 'opened', connection, remote: { host, port } }));
  }

  /** A reflexive end is known by where it really is; a link-local one needs its zone on both sides. */
  #endsOf({ local, remote }: CandidatePair, base: Reflexive | undefined) {
    const { own, isLocal } = this.#options;
    if (base !== undefined) return { host: remote.address, localAddress: base.base.host, localPort: base.base.port };
    const routes = own.routesTo(remote.address, { isLocal });
    const localAddress = local.address;
    const route = routes.find(
      ({ localAddress: from = '' }) => from === localAddress || from.startsWith(`${localAddress}%`),
    );
    return route ?? { host: remote.address, localAddress };
  }

  /** Ends that connect to each other at once may have been too early: the other side's door opens with its own try. */
  #connectAgain(connection: string, pair: CandidatePair): void {
    const { signal } = this.#over;
    this.#options.clock.wait(ICE_AGAIN_MS, signal).then(
      () => this.#connect(connection, pair),
      () => {},
    );
  }

  #accept(socket: Socket): void {
    const { remoteAddress, remotePort: port } = socket;
    const host = remoteAddress && plainHost(remoteAddress);
    this.#accepted += 1;
    const connection = `in-${this.#accepted}`;
    if (host === undefined || port === undefined) {
      socket.destroy();
      return;
    }
    this.#attach(connection, socket, undefined);
    this.#feed({ kind: 'accepted', connection, remote: { host, port } });
  }

  #attach(connection: string, socket: Socket, again: (() => void) | undefined): void {
    const reader = createFramedReader();
    const onData = (chunk: Uint8Array) => this.#read(connection, chunk);
    let hasOpened = again === undefined;
    const onGone = () => {
      if (this.#live.get(connection)?.socket !== socket) return;
      this.#live.delete(connection);
      if (hasOpened) this.#feed({ kind: 'closed', connection });
      else again?.();
    };
    const stopReading = () => void socket.off('data', onData).off('close', onGone).pause();
    this.#live.set(connection, { socket, reader, stopReading });
    socket.setNoDelay(true);
    socket
      .on('error', () => {})
      .on('data', onData)
      .on('close', onGone);
    socket.once('connect', () => {
      hasOpened = true;
    });
  }

  #read(connection: string, chunk: Uint8Array): void {
    const found = this.#live.get(connection);
    if (found === undefined) return;
    found.reader.push(chunk);
    try {
      // What follows the last word of the checks is not for us.
      while (this.#live.has(connection)) {
        const message = found.reader.next();
        if (message === undefined) return;
        this.#feed({ kind: 'received', connection, message: decodeStun(message) });
      }
    } catch {
      // Whoever it is, it does not speak ICE.
      found.socket.destroy();
    }
  }
}

function tcpCandidate(
  type: 'host' | 'srflx',
  tcpType: 'active' | 'passive' | 'so',
  { host: address, port, rank }: Address & { readonly rank: number },
): Candidate {
  return { transport: 'tcp', type, tcpType, address, port, priority: tcpPriority(type, tcpType, rank) };
}

function isAt({ host, port }: Address, candidate: Candidate): boolean {
  return candidate.tcpType === 'so' && candidate.address === host && candidate.port === port;
}
