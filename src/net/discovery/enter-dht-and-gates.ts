import { SyncError } from '../../errors.ts';
import { GATE_HEAD_START_MS } from '../../limits.ts';
import type { Clock, Log, Random } from '../../ports.ts';
import { type Address, formatAddress } from '../address.ts';
import { ipv4HostOf } from '../addresses/host-choice.ts';
import type { OwnAddresses } from '../addresses/own-addresses.ts';
import { createDhtNode } from '../dht/dht-node-adapter.ts';
import { dhtKeyOf } from '../dht/hyperdht-adapter.ts';
import { createGateConnections } from '../gate/gate-connections-adapter.ts';
import { enterGates, type Gates } from '../gate/gates.ts';
import type { RingStore } from '../records/answered-rings.ts';
import type { SignalStream } from '../signalling/signal-stream.ts';
import { type DhtMembership, type DhtMembershipOptions, type DhtState, enterDht, NO_DHT } from './dht-membership.ts';
import { eitherWay } from './either-way.ts';

export interface EnterOptions {
  /** 32 bytes that make the device's key. */
  readonly seed: Uint8Array;
  /** Nodes of a DHT, which may be gates as well; then they are so at the same address. */
  readonly bootstrap: readonly Address[];
  readonly own: OwnAddresses;
  /** Where rings that were answered are remembered. */
  readonly rings?: RingStore;
  /** What this device is found under. */
  readonly topics: readonly Uint8Array[];
  /** There is no other way to be found: that neither the DHT nor a gate is reached is an error. */
  readonly isOnlyWay: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly signal: AbortSignal;
  onStream(stream: SignalStream): void;
  /** The DHT or a gate is reached again: devices may be found that were not, and find this one. */
  onFoundAgain(): void;
}

/** The DHT by UDP, and at the same time its gates by TCP. Throws USAGE, BOOTSTRAP_UNREACHABLE, LISTEN_FAILED, the signal's reason. */
export async function enterDhtAndGates(options: EnterOptions): Promise<DhtMembership> {
  const { bootstrap, clock } = options;
  if (bootstrap.length === 0) return NO_DHT;
  const connections = createGateConnections(options);
  let dht: DhtMembership = NO_DHT;
  const onEnteredAgain = () => {
    // Its machine is a node of the DHT as well, and is there now.
    if (dht.state().kind === 'unreachable') dht.refresh();
    options.onFoundAgain();
  };
  const ownKey = dhtKeyOf(options.seed);
  const gates = enterGates({ ...options, gates: bootstrap, connections, ownKey, onEnteredAgain });
  try {
    dht = await enterDhtBeside(gates, options);
    return {
      discovery: eitherWay(dht.discovery, gates.discovery, clock),
      state: () => stateOf(dht, gates),
      refresh() {
        dht.refresh();
        gates.refresh();
      },
      unannounce: dht.unannounce,
      async close() {
        gates.close();
        await dht.close();
      },
    };
  } catch (error) {
    gates.close();
    throw error;
  }
}

/** HyperDHT speaks IPv4 and nothing else. */
async function enterDhtBeside(
  gates: Gates,
  { seed, bootstrap, own, rings, ...options }: EnterOptions,
): Promise<DhtMembership> {
  const { clock, random, log, onStream } = options;
  const host = ipv4HostOf(own.hosts);
  const isOnlyWay = async () => {
    if (!options.isOnlyWay) return false;
    await gates.tried;
    return gates.entered().length === 0;
  };
  if (host !== undefined) {
    const node = { seed, bootstrap, host, ...(rings && { rings }), clock, random, log, onStream };
    const join: DhtMembershipOptions['join'] = (events) => createDhtNode({ ...node, ...events });
    const patience = async () => {
      await gates.tried;
      if (gates.entered().length === 0) await new Promise(() => {});
      await clock.wait(GATE_HEAD_START_MS, options.signal);
    };
    return enterDht({ ...options, isOnlyWay, patience, join });
  }
  if (await isOnlyWay())
    throw new SyncError('USAGE', {
      detail: 'A DHT needs IPv4, and no gate answers: give an IPv4 address as host, too.',
    });
  log.warn('a DHT needs IPv4, and there is no IPv4 address: devices are found through gates and on the local network');
  return NO_DHT;
}

/** A gate stands in for a DHT that is out of reach. */
function stateOf(dht: DhtMembership, gates: Gates): DhtState {
  const state = dht.state();
  const [gate] = gates.entered();
  return state.kind === 'joined' || gate === undefined ? state : { kind: 'gate', address: formatAddress(gate) };
}
