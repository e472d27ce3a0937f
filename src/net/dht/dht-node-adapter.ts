/** The node of the DHT that a device is. */
import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../../errors.ts';
import { GOODBYE_MS, INTRODUCTIONS, LOOK_UP_RESULTS } from '../../limits.ts';
import type { Clock, Log, Random } from '../../ports.ts';
import type { Address } from '../address.ts';
import { reach, type Ways, type WayThere } from '../discovery/reach.ts';
import { stayFindable } from '../discovery/stay-findable.ts';
import { createRecentKeys } from '../recent-keys.ts';
import type { RingStore } from '../records/answered-rings.ts';
import { createDhtRecords } from '../records/dht-records-adapter.ts';
import { ringUp } from '../records/ring-up.ts';
import { watchRings } from '../records/ring-watch.ts';
import { noiseSignals } from '../signalling/noise-signals-adapter.ts';
import { openedSignals } from '../signalling/opened-signals.ts';
import type { SignalStream } from '../signalling/signal-stream.ts';
import { FORWARDER_TOPIC } from './forwarder-adapter.ts';
import { ANY_PORT, type DhtServer, dhtKeyPair, type HyperDht, requireNodes, startNode } from './hyperdht-adapter.ts';
import { createMissedCalls, type MissedCalls } from './missed-calls.ts';
import { isStillKnown } from './still-known.ts';

export interface DhtNode {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Returns how many nodes were asked to keep it. Throws when none of them does. */
  announce(topic: Uint8Array): Promise<number>;
  unannounce(topic: Uint8Array): Promise<void>;
  /** Whether nodes know this device under the topic, and the way to it. Throws the signal's reason. */
  isKnownUnder(topic: Uint8Array, options: { signal: AbortSignal }): Promise<boolean>;
  /** Tells nodes the way to this device anew, within some seconds. */
  tellTheWay(): void;
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
  /** Where rings that were answered are remembered. */
  readonly rings?: RingStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  onStream(stream: SignalStream): void;
  /** Nodes know the way to this device again, after none did: what they were told before may be forgotten. */
  onFoundAgain(): void;
}

/**
 * A node that keeps nothing for others, and never claims that everybody reaches it. The library would conclude that from
 * what a few nodes say, which is wrong behind a firewall that lets these in and nobody else, and after a change of network.
 * Who claims it is spoken to straight and in no other way: what is forwarded then comes to nothing (decision 33).
 */
const GUEST = { ephemeral: true, quickFirewall: false } as const;

/** Throws BOOTSTRAP_UNREACHABLE, LISTEN_FAILED. */
export async function createDhtNode(options: DhtNodeOptions): Promise<DhtNode> {
  const { seed, bootstrap, host, clock, log } = options;
  const keyPair = dhtKeyPair(seed);
  const dht = await startNode({ bootstrap: [...bootstrap], host, port: ANY_PORT, keyPair, ...GUEST });
  const closed = new AbortController();
  const { signal: closing } = closed;
  const find = (topic: Uint8Array, at: { signal: AbortSignal }) => lookUp(dht, topic, at);
  const store = createDhtRecords({ node: dht, lookUp: find, clock, signal: closing });
  const records = { ...options, store, signal: closing };
  try {
    requireNodes(dht, bootstrap);
    const rings = watchRings(records);
    // Who did not get through to this device is about to ring.
    const calls = createMissedCalls({ clock, signal: closing, onMissed: rings.hurry });
    const server = await answerStreams(dht, { calls, onStream: options.onStream });
    void stayFindable(server, { ...options, signal: closing });
    const wasForwarded = createRecentKeys(INTRODUCTIONS);
    const ways: Ways = {
      connect: (publicKey, way) => connect(dht, publicKey, way),
      forwarders: (at) => find(FORWARDER_TOPIC, at),
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
      isKnownUnder: (topic, { signal }) => isStillKnown(dht, { key: keyPair.publicKey, topic, signal }),
      tellTheWay: () => server.refresh(),
      lookUp: find,
      connect: (publicKey, { signal }) => reach(publicKey, { ways, wasForwarded, clock, log, signal }),
      close() {
        closed.abort(new SyncError('CANCELLED', { what: 'The node of the DHT' }));
        return closeNode(dht, server);
      },
    };
  } catch (error) {
    closed.abort(error);
    await dht.destroy({ force: true });
    throw error;
  }
}

interface Answering extends Pick<DhtNodeOptions, 'onStream'> {
  readonly calls: MissedCalls;
}

async function answerStreams(dht: HyperDht, { calls, onStream }: Answering): Promise<DhtServer> {
  const server = dht.createServer(
    {
      // They would be those of other networks.
      shareLocalAddress: false,
      firewall(publicKey) {
        calls.begin(publicKey);
        return false;
      },
    },
    (stream) => {
      calls.answer(stream.remotePublicKey);
      onStream(noiseSignals(stream, { isLocal: false }));
    },
  );
  return server.listen();
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
  { signal, through, onThere }: WayThere,
): Promise<SignalStream> {
  signal.throwIfAborted();
  const holepunch = () => {
    onThere();
    return true;
  };
  const stream = dht.connect(Buffer.from(publicKey), { relayThrough: through && Buffer.from(through), holepunch });
  return openedSignals(stream, { isLocal: false, signal });
}

async function closeNode(dht: HyperDht, server: DhtServer): Promise<void> {
  // Taking back what was announced asks other nodes; those that are gone themselves would be waited for one by one.
  await Promise.race([server.close().catch(() => {}), delay(GOODBYE_MS, undefined, { ref: false })]);
  await dht.destroy({ force: true });
}
