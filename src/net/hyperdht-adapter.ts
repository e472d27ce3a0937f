/**
 * The only door to HyperDHT (network facts §5).
 *
 * - `bootstrap` is always an array: `undefined` would contact public nodes.
 * - A host of 127.0.0.1 keeps every packet, also those that look for own addresses, on the loopback.
 * - A node does not end when its streams break: every stream gets an error handler at birth.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type DhtServer, default as HyperDht } from '@hyperswarm/dht';
import { isSyncError, messageOf, SyncError } from '../errors.ts';
import { ANNOUNCE_MS, DHT_NODES_KEPT, GOODBYE_MS, INTRODUCTIONS, LOOK_UP_RESULTS } from '../limits.ts';
import type { Clock, Log, Random } from '../ports.ts';
import { type Address, formatAddress } from './address.ts';
import { reach, type Ways } from './discovery/reach.ts';
import { stayFindable } from './discovery/stay-findable.ts';
import { createForwarder, FORWARDER_TOPIC } from './forwarder-adapter.ts';
import { type Gate, openGate } from './gate/gate-adapter.ts';
import { createRecentKeys } from './recent-keys.ts';
import { createDhtRecords } from './records/dht-records-adapter.ts';
import { ringUp } from './records/ring-up.ts';
import { watchRings } from './records/ring-watch.ts';
import { noiseSignals } from './signalling/noise-signals-adapter.ts';
import type { SignalStream } from './signalling/signal-stream.ts';

export interface DhtNode {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Returns how many nodes were asked to keep it. Throws when none of them does. */
  announce(topic: Uint8Array): Promise<number>;
  unannounce(topic: Uint8Array): Promise<void>;
  /** The keys announced under the topic, `LOOK_UP_RESULTS` at most. Anybody may announce anything. */
  lookUp(topic: Uint8Array, options: { signal: AbortSignal }): Promise<readonly Uint8Array[]>;
  /** Undefined when the key's holder is not there. Throws the signal's reason. */
  connect(publicKey: Uint8Array, options: { signal: AbortSignal }): Promise<SignalStream | undefined>;
  close(): Promise<void>;
}

export interface DhtNodeOptions {
  /** 32 bytes; the same seed is the same key. */
  readonly seed: Uint8Array;
  readonly bootstrap: readonly Address[];
  readonly host: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  onStream(stream: SignalStream): void;
}

/** The public key that a seed stands for. */
export function dhtKeyOf(seed: Uint8Array): Uint8Array {
  return HyperDht.keyPair(seed).publicKey;
}

/** Any free port, rather than one of the few that the library would try first. */
const ANY_PORT = [0, 0] as const;

/**
 * A node that keeps nothing for others, and never claims that everybody reaches it. The library would conclude that from
 * what a few nodes say, which is wrong behind a firewall that lets these in and nobody else, and after a change of network.
 * Who claims it is spoken to straight and in no other way: what is forwarded then comes to nothing (decision 33).
 */
const GUEST = { ephemeral: true, quickFirewall: false } as const;

/** Throws BOOTSTRAP_UNREACHABLE, LISTEN_FAILED. */
export async function createDhtNode(options: DhtNodeOptions): Promise<DhtNode> {
  const { seed, bootstrap, host, clock, log, onStream } = options;
  const closed = new AbortController();
  const keyPair = HyperDht.keyPair(seed);
  const dht = new HyperDht({ bootstrap: [...bootstrap], host, port: ANY_PORT, keyPair, ...GUEST });
  // Without local addresses in the handshake: they would be those of other networks.
  const server = dht.createServer({ shareLocalAddress: false }, (stream) =>
    onStream(noiseSignals(stream, { isLocal: false })),
  );
  try {
    await bootstrapped(dht, host);
    requireNodes(dht, bootstrap);
    await server.listen();
  } catch (error) {
    await dht.destroy({ force: true });
    throw error;
  }
  const wasForwarded = createRecentKeys(INTRODUCTIONS);
  const { signal: closing } = closed;
  void stayFindable(server, { clock, log, signal: closing });
  const find = (topic: Uint8Array, at: { signal: AbortSignal }) => lookUp(dht, topic, at);
  const store = createDhtRecords({ node: dht, lookUp: find, clock, signal: closing });
  const records = { ...options, store, signal: closing };
  const rings = watchRings(records);
  const ways: Ways = {
    connect: (publicKey, options) => connect(dht, publicKey, options),
    forwarders: (options) => find(FORWARDER_TOPIC, options),
    ring(publicKey) {
      // Whom we do not reach does not reach us, and may be about to ring.
      rings.hurry();
      return ringUp(publicKey, records);
    },
  };
  return {
    publicKey: keyPair.publicKey,
    async announce(topic) {
      const query = dht.announce(Buffer.from(topic), keyPair, server.relayAddresses);
      await query.finished();
      return query.closestReplies.length;
    },
    unannounce: (topic) => dht.unannounce(Buffer.from(topic), keyPair),
    lookUp: find,
    connect: (publicKey, { signal }) => reach(publicKey, { ways, wasForwarded, clock, log, signal }),
    close() {
      closed.abort(new SyncError('CANCELLED', { what: 'The node of the DHT' }));
      return closeNode(dht, server);
    },
  };
}

async function bootstrapped(dht: HyperDht, host: string): Promise<void> {
  try {
    await dht.fullyBootstrapped();
  } catch (error) {
    throw new SyncError('LISTEN_FAILED', { address: host, detail: messageOf(error) }, { cause: error });
  }
}

function requireNodes(dht: HyperDht, bootstrap: readonly Address[]): void {
  if (bootstrap.length > 0 && dht.toArray({ limit: 1 }).length === 0)
    throw new SyncError('BOOTSTRAP_UNREACHABLE', { bootstrap: bootstrap.map(formatAddress).join(', ') });
}

async function lookUp(dht: HyperDht, topic: Uint8Array, { signal }: { signal: AbortSignal }): Promise<Uint8Array[]> {
  signal.throwIfAborted();
  const found = new Map<string, Uint8Array>();
  const query = dht.lookup(Buffer.from(topic));
  const stop = () => query.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const { peers } of query) {
      for (const { publicKey } of peers)
        if (found.size < LOOK_UP_RESULTS) found.set(publicKey.toString('hex'), publicKey);
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  return [...found.values()];
}

/** Throws what the library does, or the signal's reason. */
async function connect(
  dht: HyperDht,
  publicKey: Uint8Array,
  { signal, through }: { readonly signal: AbortSignal; readonly through: Uint8Array | null },
): Promise<SignalStream> {
  signal.throwIfAborted();
  const stream = dht.connect(Buffer.from(publicKey), { relayThrough: through && Buffer.from(through) });
  const signals = noiseSignals(stream, { isLocal: false });
  try {
    await once(stream, 'open', { signal });
    return signals;
  } catch (error) {
    signals.close();
    signal.throwIfAborted();
    throw error;
  }
}

async function closeNode(dht: HyperDht, server: DhtServer): Promise<void> {
  // Taking back what was announced asks other nodes; those that are gone themselves would be waited for one by one.
  await Promise.race([server.close().catch(() => {}), delay(GOODBYE_MS, undefined, { ref: false })]);
  await dht.destroy({ force: true });
}

/** What the nodes of a DHT say about this machine. */
export interface DhtSight {
  /** Nodes that answer. */
  readonly nodes: number;
  /** From where they see us come; undefined when too few have said so. */
  readonly seenAt: Address | undefined;
  /** Each node sees another port. */
  readonly isPortChanging: boolean;
}

/** Joins for a moment, without announcing anything. Throws LISTEN_FAILED. */
export async function lookAtDht(bootstrap: readonly Address[], host: string): Promise<DhtSight> {
  const dht = new HyperDht({ bootstrap: [...bootstrap], host, port: ANY_PORT });
  try {
    await bootstrapped(dht, host);
    const seenAt = dht.host === null ? undefined : { host: dht.host, port: dht.port };
    return { nodes: dht.toArray().length, seenAt, isPortChanging: dht.randomized };
  } finally {
    await dht.destroy({ force: true });
  }
}

/** A DHT of its own on this machine, to bootstrap from. */
export interface LocalDht extends AsyncDisposable {
  readonly host: string;
  /** Of the first node: the address to give to others. */
  readonly port: number;
  /** What to give to the next run, so that it is the same to others and knows them. */
  kept(): KeptDht;
  close(): Promise<void>;
}

/** What a DHT of one's own leaves behind. A node's id comes from its address, so ports are all that makes it the same. */
export interface KeptDht {
  /** Of its own nodes, the first one first. */
  readonly ports: readonly number[];
  /** Nodes of others. */
  readonly nodes: readonly Address[];
}

export interface LocalDhtOptions extends Address {
  readonly kept?: KeptDht;
  /** Nodes of a DHT to be part of; none unless given, and it is one of its own. */
  readonly bootstrap?: readonly Address[];
  /** Further addresses of this machine, of IPv6 above all, where devices find each other by TCP: the DHT itself speaks UDP, at `host`. */
  readonly gateHosts?: readonly string[];
}

/** Fewer find no place for announcements. */
const LOCAL_NODES = 4;
/** Free ports that are tried. */
const PORT_TRIES = 8;

const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  wait: (ms, signal) => delay(ms, undefined, { signal }).catch(() => signal.throwIfAborted()),
};

/** Lets others signal through a node, and says so until it is told to stop. */
async function forwardOn(node: HyperDht): Promise<() => void> {
  const server = node.createServer({ shareLocalAddress: false }, createForwarder(node));
  await server.listen();
  const announce = () => node.announce(FORWARDER_TOPIC, node.defaultKeyPair, server.relayAddresses).finished();
  await announce();
  const timer = setInterval(() => announce().catch(() => {}), ANNOUNCE_MS);
  return () => clearInterval(timer);
}

/**
 * Its nodes take the given port and those that follow, where they are free. Port 0 stands for those of an earlier run, or any
 * free ones. Throws BOOTSTRAP_UNREACHABLE, LISTEN_FAILED.
 */
export async function createLocalDht(options: LocalDhtOptions): Promise<LocalDht> {
  const { port, host, kept = NOTHING_KEPT, bootstrap: joined = [], gateHosts = [] } = options;
  const nodes: HyperDht[] = [];
  let gate: Gate | undefined;
  let stopForwarding = () => {};
  const close = async () => {
    stopForwarding();
    await gate?.close();
    // A node that could not be bound says so once more.
    await Promise.all(nodes.map((node) => node.destroy({ force: true }).catch(() => {})));
    nodes.length = 0;
  };
  const add = async (bootstrap: readonly Address[], wanted: number) => {
    const own = wanted || ANY_PORT;
    // Known to be reachable, and to stay: so they hold announcements from the start.
    const fixed = { ephemeral: false, firewalled: false, anyPort: nodes.length > 0 || own === ANY_PORT };
    const node = new HyperDht({ bootstrap, nodes: kept.nodes, host, port: own, ...fixed });
    nodes.push(node);
    await bootstrapped(node, formatAddress({ host, port }));
    return node;
  };
  /** The gate and the first node have one number, so that one address stands for both. */
  const openEntrance = async (wanted: number) => {
    for (let tries = 1; ; tries += 1) {
      try {
        gate = await openGate({ hosts: [host, ...gateHosts], port: wanted, clock: SYSTEM_CLOCK });
        return await add(joined, gate.port);
      } catch (error) {
        // What is free for TCP may be taken for UDP.
        if (wanted !== 0 || tries === PORT_TRIES || !isSyncError(error, 'LISTEN_FAILED')) throw error;
        await Promise.all([
          gate?.close(),
          nodes
            .pop()
            ?.destroy({ force: true })
            .catch(() => {}),
        ]);
      }
    }
  };
  try {
    const wantedPort = () => (port === 0 ? (kept.ports[nodes.length] ?? 0) : portAfter(port, nodes.length));
    const entrance = await openEntrance(wantedPort());
    requireNodes(entrance, joined);
    const first = { host, port: entrance.address().port };
    while (nodes.length < LOCAL_NODES) await add([first], wantedPort());
    stopForwarding = await forwardOn(await add([first], wantedPort()));
    return { ...first, kept: () => keptOf(nodes), close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** 0 when there is none. */
function portAfter(port: number, count: number): number {
  return port + count <= LAST_PORT ? port + count : 0;
}

const LAST_PORT = 65_535;
const NOTHING_KEPT: KeptDht = { ports: [], nodes: [] };

function keptOf(own: readonly HyperDht[]): KeptDht {
  const ports = own.map((node) => node.address().port);
  const known = own.flatMap((node) => node.toArray({ limit: DHT_NODES_KEPT }));
  const others = known.filter(
    ({ host, port }) => !own.some((node) => node.address().host === host && node.address().port === port),
  );
  const nodes = new Map(others.map(({ host, port }) => [formatAddress({ host, port }), { host, port }]));
  return { ports, nodes: [...nodes.values()].slice(0, DHT_NODES_KEPT) };
}
