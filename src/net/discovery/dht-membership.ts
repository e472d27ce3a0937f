import { backOff } from '../../back-off.ts';
import { isSyncError, messageOf, SyncError } from '../../errors.ts';
import { DHT_REJOIN_FIRST_MS, DHT_REJOIN_MAX_MS } from '../../limits.ts';
import type { Clock, Log, Milliseconds } from '../../ports.ts';
import type { DhtNode, DhtNodeOptions } from '../dht/dht-node-adapter.ts';
import { announce } from './announcer.ts';
import { createDhtDiscovery } from './dht-discovery.ts';
import type { Discovery } from './discovery.ts';

/** How this device stands to the DHT. */
export type DhtState =
  /** No node to begin with was given. */
  | { readonly kind: 'none' }
  | { readonly kind: 'joined' }
  /** Not itself, having no UDP or no IPv4: devices are found, and find this one, through a gate at an address, by TCP. */
  | { readonly kind: 'gate'; readonly address: string }
  /** It is tried again and again. */
  | { readonly kind: 'unreachable'; readonly reason: string; readonly tries: number };

export interface DhtMembership {
  /** Finds nobody as long as the DHT was not reached. */
  readonly discovery: Discovery;
  state(): DhtState;
  /** The network is another one: announces again, or tries again to join, at once. */
  refresh(): void;
  /** Takes back what was announced. */
  unannounce(): Promise<void>;
  close(): Promise<void>;
}

export interface DhtMembershipOptions {
  /** Throws BOOTSTRAP_UNREACHABLE. */
  join(events: Pick<DhtNodeOptions, 'onFoundAgain'>): Promise<DhtNode>;
  /** What this device is found under. */
  readonly topics: readonly Uint8Array[];
  /** There is no other way to be found: a DHT that is not reached is an error. */
  isOnlyWay(): Promise<boolean>;
  /** Resolves when there is no reason to wait for the DHT any longer: it is joined beside. */
  patience?(): Promise<void>;
  /** It is there after it was not: devices may be found that were not, and find this one. */
  onFoundAgain(): void;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Joins and announces, or goes on trying. Throws BOOTSTRAP_UNREACHABLE when it is the only way, LISTEN_FAILED, the
 * signal's reason.
 */
export async function enterDht(options: DhtMembershipOptions): Promise<DhtMembership> {
  const { topics, clock, log, signal } = options;
  let node: DhtNode | undefined;
  let state: DhtState = { kind: 'none' };
  let hurry = new AbortController();
  const refresh = () => {
    hurry.abort(new SyncError('CANCELLED', { what: 'Waiting' }));
    hurry = new AbortController();
  };

  const onFoundAgain = () => {
    refresh();
    options.onFoundAgain();
  };

  async function tryToJoin(): Promise<void> {
    const joined = await options.join({ onFoundAgain });
    if (signal.aborted) await joined.close();
    signal.throwIfAborted();
    node = joined;
    state = { kind: 'joined' };
    await announce({ dht: joined, topics, clock, log, signal, again: () => hurry.signal });
  }

  async function keepTrying(): Promise<void> {
    for (let tries = 1; !signal.aborted && node === undefined; tries += 1) {
      await clock.wait(rejoinAfter(tries), AbortSignal.any([signal, hurry.signal])).catch(() => {});
      if (signal.aborted) return;
      await tryToJoin().catch((error: unknown) => {
        state = { kind: 'unreachable', reason: messageOf(error), tries: tries + 1 };
        log.debug('the DHT is not reached', { reason: messageOf(error), tries: tries + 1 });
      });
    }
    if (node === undefined) return;
    log.info('the DHT is reached now');
    options.onFoundAgain();
  }

  async function joinOrGoOnTrying(): Promise<void> {
    try {
      await tryToJoin();
    } catch (error) {
      if (!isSyncError(error, 'BOOTSTRAP_UNREACHABLE') || (await options.isOnlyWay())) throw error;
      const reason = messageOf(error);
      state = { kind: 'unreachable', reason, tries: 1 };
      log.warn('the DHT is not reached: devices are found on the local network and through gates, until it is', {
        reason,
      });
      void keepTrying();
    }
  }

  const joining = joinOrGoOnTrying();
  await Promise.race([joining, options.patience?.() ?? joining]);
  // What goes wrong later is no reason to end: there is another way.
  joining.catch((error: unknown) => log.debug('the DHT cannot be used', { reason: messageOf(error) }));
  return {
    discovery: {
      place: 'DHT',
      lookUp: async (topic, at) => (node ? createDhtDiscovery(node).lookUp(topic, at) : []),
    },
    state: () => state,
    refresh,
    unannounce: async () => void (await Promise.all(topics.map((topic) => node?.unannounce(topic)))),
    close: async () => node?.close(),
  };
}

/** No DHT at all. */
export const NO_DHT: DhtMembership = {
  discovery: { place: 'DHT', lookUp: async () => [] },
  state: () => ({ kind: 'none' }),
  refresh() {},
  async unannounce() {},
  async close() {},
};

export function rejoinAfter(tries: number): Milliseconds {
  return backOff(tries, { first: DHT_REJOIN_FIRST_MS, longest: DHT_REJOIN_MAX_MS });
}
