/** Nets on the loopback with a DHT of their own, for scenarios. */
import { randomBytes } from 'node:crypto';
import type { DeviceKeys } from '../../../src/identity/identity.ts';
import { createNet, type NetOptions } from '../../../src/net/create-net.ts';
import { createLocalDht, type LocalDht } from '../../../src/net/dht/local-dht-adapter.ts';
import type { Admission, Net, NetChange } from '../../../src/net/net.ts';
import type { Channel, PeerIdentity } from '../../../src/ports.ts';
import { quietLog } from '../quiet-log.ts';
import { PATIENCE_MS } from '../time/patience.ts';
import { realClock, realRandom } from '../time/real-clock.ts';

/** A net and what it was told. */
export interface TestNet {
  readonly net: Net;
  readonly changes: NetChange[];
  /** Channels that peers opened, in order. */
  readonly served: Channel[];
  /** Set it to turn every peer away from now on. */
  refuse: string | undefined;
  /** Handed to those who are turned away. */
  proof: string | undefined;
  /** Names of channels that are not kept when everything is checked again. */
  readonly dropped: Set<string>;
  /** Proofs from those who turned this net away. */
  readonly turnedAway: readonly string[];
  /** Resolves once the condition holds; looked at after each change and each channel. */
  until(condition: () => boolean): Promise<void>;
}

export interface TestNetOptions extends Partial<NetOptions> {
  readonly keys: DeviceKeys;
  /** `createNet`, or what does it in another way. */
  makeNet?: typeof createNet;
  admitChannel?: (request: { name: string; peer: PeerIdentity }) => Admission;
  serveChannel?: (channel: Channel) => Promise<void>;
}

const ACCEPT = { accept: true } as const;

export interface TestNets extends AsyncDisposable {
  readonly dht: LocalDht;
  add(options: TestNetOptions): Promise<TestNet>;
}

/** Nets that share one DHT; disposing it closes them all. */
export async function createTestNets(): Promise<TestNets> {
  const dht = await createLocalDht({ host: '127.0.0.1', port: 0 });
  const nets: Net[] = [];
  return {
    dht,
    async add(options) {
      const made = await createTestNet(dht, options);
      nets.push(made.net);
      return made;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(nets.map((net) => net.close()));
      await dht.close();
    },
  };
}

async function createTestNet(dht: LocalDht, options: TestNetOptions): Promise<TestNet> {
  const changes: NetChange[] = [];
  const served: Channel[] = [];
  const waiting = new Set<() => void>();
  const looked = () => {
    for (const look of [...waiting]) look();
  };
  const turnedAway: string[] = [];
  const test = {
    refuse: undefined as string | undefined,
    proof: undefined as string | undefined,
    dropped: new Set<string>(),
    turnedAway,
  };
  const { makeNet = createNet } = options;
  const net = await makeNet({
    dhtSeed: randomBytes(32),
    bootstrap: [{ host: dht.host, port: dht.port }],
    clock: realClock,
    random: realRandom,
    log: quietLog,
    signal: new AbortController().signal,
    ...options,
    handlers: {
      admitPeer: () =>
        test.refuse === undefined
          ? ACCEPT
          : { accept: false, reason: test.refuse, ...(test.proof && { proof: test.proof }) },
      admitChannel: options.admitChannel ?? (() => ACCEPT),
      keepsChannel: ({ name }) => !test.dropped.has(name),
      onTurnedAway: (proof) => void turnedAway.push(proof),
      async serveChannel(channel) {
        served.push(channel);
        looked();
        await options.serveChannel?.(channel);
      },
      onAddressesChanged() {},
      onChange(change) {
        changes.push(change);
        looked();
      },
    },
  });
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`not reached: ${condition}`));
      }, PATIENCE_MS);
      const look = () => {
        if (!condition()) return;
        waiting.delete(look);
        clearTimeout(timer);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return Object.assign(test, { net, changes, served, until });
}
