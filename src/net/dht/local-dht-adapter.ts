import { setTimeout as delay } from 'node:timers/promises';
import { ANNOUNCE_MS, DHT_NODES_KEPT } from '../../limits.ts';
import type { Clock } from '../../ports.ts';
import { type Address, formatAddress } from '../address.ts';
import { type Gate, openGate } from '../gate/gate-adapter.ts';
import { openEntrance } from './entrance.ts';
import { createForwarder, FORWARDER_TOPIC } from './forwarder-adapter.ts';
import { ANY_PORT, type HyperDht, requireNodes, startNode } from './hyperdht-adapter.ts';

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
  /**
   * Further addresses of this machine, of IPv6 above all, where devices find each other by TCP: the DHT itself speaks
   * UDP, at `host`.
   */
  readonly gateHosts?: readonly string[];
}

/** Fewer find no place for announcements. */
const LOCAL_NODES = 4;

const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  wait: (ms, signal) => delay(ms, undefined, { signal }).catch(() => signal.throwIfAborted()),
};

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
    await Promise.all(nodes.map((node) => node.destroy({ force: true }).catch(() => {})));
    nodes.length = 0;
  };
  const add = async (bootstrap: readonly Address[], wanted: number) => {
    const own = wanted || ANY_PORT;
    // Known to be reachable, and to stay: so they hold announcements from the start.
    const fixed = { ephemeral: false, firewalled: false, anyPort: nodes.length > 0 || own === ANY_PORT };
    const node = await startNode({ bootstrap, nodes: kept.nodes, host, port: own, ...fixed });
    nodes.push(node);
    return node;
  };
  const wantedPort = () => (port === 0 ? (kept.ports[nodes.length] ?? 0) : portAfter(port, nodes.length));
  try {
    const entrance = await openEntrance(wantedPort(), {
      openGate: (wanted) => openGate({ hosts: [host, ...gateHosts], port: wanted, clock: SYSTEM_CLOCK }),
      startNode: (wanted) => add(joined, wanted),
    });
    gate = entrance.gate;
    requireNodes(entrance.node, joined);
    const first = { host, port: entrance.node.address().port };
    while (nodes.length < LOCAL_NODES) await add([first], wantedPort());
    stopForwarding = await forwardOn(await add([first], wantedPort()));
    return { ...first, kept: () => keptOf(nodes), close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Lets others signal through a node, and says so until it is told to stop. */
async function forwardOn(node: HyperDht): Promise<() => void> {
  const server = node.createServer({ shareLocalAddress: false }, createForwarder(node));
  await server.listen();
  const announce = () => node.announce(FORWARDER_TOPIC, node.defaultKeyPair, server.relayAddresses).finished();
  await announce();
  const timer = setInterval(() => announce().catch(() => {}), ANNOUNCE_MS);
  return () => clearInterval(timer);
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
