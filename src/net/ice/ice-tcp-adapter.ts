/** The sockets of an ICE agent for TCP. What is to be done with them says the machine. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { messageOf, SyncError } from '../../errors.ts';
import { ICE_AGAIN_MS, ICE_MS } from '../../limits.ts';
import { never } from '../../never.ts';
import type { Clock, Random } from '../../ports.ts';
import type { Address } from '../address.ts';
import { ACTIVE_PORT, type Candidate, tcpPriority } from '../signalling/candidate.ts';
import type { Credentials } from '../signalling/description.ts';
import { createDriver } from '../signalling/machine-driver.ts';
import { decodeStun, encodeStun } from '../stun/message.ts';
import { type AgentEffect, type AgentInput, step } from './agent-machine.ts';
import { agentState, type RemoteEnd } from './agent-state.ts';
import { createFramedReader, type FramedReader, frameMessage } from './framing.ts';
import type { CandidatePair, IceRole } from './pairs.ts';
import { type Reflexive, reflexiveOf } from './reflexive-adapter.ts';

export interface IceTcpOptions {
  /** The address to listen on and to connect from. */
  readonly host: string;
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
  readonly #server: Server = createServer((socket) => this.#accept(socket));
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
    const { host, credentials, role, random, stunServers, clock } = this.#options;
    const { signal } = this.#over;
    try {
      await once(this.#server.listen(0, host), 'listening', { signal });
    } catch (error) {
      throw new SyncError('LISTEN_FAILED', { address: host, detail: messageOf(error) }, { cause: error });
    }
    const asked = stunServers.map((server) => reflexiveOf(server, { host, clock, random, signal }));
    this.#reflexive = (await Promise.all(asked)).filter((found) => found !== undefined);
    const { port } = this.#server.address() as AddressInfo;
    const candidates = [
      tcpCandidate('host', 'passive', { host, port }),
      tcpCandidate('host', 'active', { host, port: ACTIVE_PORT }),
      ...this.#reflexive.map(({ mapped }) => tcpCandidate('srflx', 'so', mapped)),
    ];
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
    this.#server.close();
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
    const localPort = base === undefined ? {} : { localPort: base.base.port };
    const socket = connect({ host, port, localAddress: this.#options.host, ...localPort });
    const again = base === undefined ? undefined : () => this.#connectAgain(connection, pair);
    this.#attach(connection, socket, again);
    socket.once('connect', () => this.#feed({ kind: 'opened', connection, remote: { host, port } }));
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
    const { remoteAddress: host, remotePort: port } = socket;
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
  { host: address, port }: Address,
): Candidate {
  return { transport: 'tcp', type, tcpType, address, port, priority: tcpPriority(type, tcpType) };
}

function isAt({ host, port }: Address, candidate: Candidate): boolean {
  return candidate.tcpType === 'so' && candidate.address === host && candidate.port === port;
}
