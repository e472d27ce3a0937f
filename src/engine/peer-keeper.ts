import { messageOf } from '../errors.ts';
import type { AccountUri, DeviceId } from '../ids.ts';
import { DIAL_MS, DISCOVERY_MS, LOOK_UP_FIRST_MS, LOOK_UP_MAX_MS } from '../limits.ts';
import type { Net } from '../net/net.ts';
import type { Clock, Log, Milliseconds, Random } from '../ports.ts';

export interface PeerKeeperOptions {
  readonly net: Pick<Net, 'findDevices' | 'link' | 'links'>;
  readonly self: DeviceId;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Keeps links to the devices of the accounts we have conversations with: looks them up, dials them, and tries again. */
export interface PeerKeeper {
  /** From now on these accounts and no others. A new one is looked up at once. */
  keep(accounts: ReadonlySet<AccountUri>): void;
  /** Look the account up again soon: a link went down, or there is news for it. */
  wake(account: AccountUri): void;
  /** Resolves when no look-up or dial is under way any more; call after the signal has fired. */
  ended(): Promise<void>;
}

interface Watch {
  readonly stop: AbortController;
  readonly loop: Promise<void>;
  wake: () => void;
}

export function createPeerKeeper(options: PeerKeeperOptions): PeerKeeper {
  const { signal, log } = options;
  const watches = new Map<AccountUri, Watch>();
  const ending = new Set<Promise<void>>();

  function start(account: AccountUri): void {
    const stop = new AbortController();
    const watch: Watch = { stop, wake: () => {}, loop: Promise.resolve() };
    const loop = keepLooking(account, watch, options).catch((error: unknown) => {
      if (!signal.aborted && !stop.signal.aborted)
        log.warn('looking for devices ended', { account, error: messageOf(error) });
    });
    watches.set(account, Object.assign(watch, { loop }));
    ending.add(loop);
    void loop.finally(() => ending.delete(loop));
  }

  return {
    keep(accounts) {
      for (const [account, { stop }] of watches) {
        if (accounts.has(account)) continue;
        stop.abort();
        watches.delete(account);
      }
      for (const account of accounts) if (!watches.has(account) && !signal.aborted) start(account);
    },
    wake: (account) => watches.get(account)?.wake(),
    ended: async () => void (await Promise.all(ending)),
  };
}

async function keepLooking(account: AccountUri, watch: Watch, options: PeerKeeperOptions): Promise<void> {
  const signal = AbortSignal.any([watch.stop.signal, options.signal]);
  for (let tries = 0; !signal.aborted; tries += 1) {
    const isLinked = await linkDevicesOf(account, options, signal);
    if (isLinked) tries = 0;
    const woken = await waitOrWake(lookUpAfter(isLinked ? LOOK_UPS_TO_MAX : tries, options.random), watch, {
      ...options,
      signal,
    });
    if (woken) tries = 0;
  }
}

/** So many doublings lead from the first wait to the longest. */
const LOOK_UPS_TO_MAX = Math.ceil(Math.log2(LOOK_UP_MAX_MS / LOOK_UP_FIRST_MS));

/** Half of the doubled wait is random, so that devices that lost each other together do not return together. */
export function lookUpAfter(tries: number, random: Random): Milliseconds {
  const whole = Math.min(LOOK_UP_MAX_MS, LOOK_UP_FIRST_MS * 2 ** Math.min(tries, LOOK_UPS_TO_MAX));
  return whole / 2 + random.below(whole / 2 + 1);
}

async function linkDevicesOf(account: AccountUri, options: PeerKeeperOptions, signal: AbortSignal): Promise<boolean> {
  const { net, self, log } = options;
  const isLinked = (device: DeviceId) => net.links().some(({ peer }) => peer.device === device);
  try {
    const found = await net.findDevices(account, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(DISCOVERY_MS)]),
    });
    const others = found.filter((device) => device !== self);
    await Promise.all(
      others
        .filter((device) => !isLinked(device))
        .map(async (device) => {
          await net
            .link(device, { signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_MS)]) })
            .catch((error: unknown) => {
              log.debug('dial failed', { device, reason: messageOf(error) });
            });
        }),
    );
    return others.length > 0 && others.every(isLinked);
  } catch (error) {
    signal.throwIfAborted();
    log.debug('look-up failed', { account, reason: messageOf(error) });
    return false;
  }
}

/** True when woken before the time was up. */
async function waitOrWake(
  ms: Milliseconds,
  watch: Watch,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<boolean> {
  const woken = new AbortController();
  watch.wake = () => woken.abort();
  await clock.wait(ms, AbortSignal.any([signal, woken.signal])).catch(() => {});
  return woken.signal.aborted;
}
