import { backOff, drawnWait } from '../../back-off.ts';
import { startDeadline } from '../../deadline.ts';
import { messageOf } from '../../errors.ts';
import type { AccountUri, DeviceId } from '../../ids.ts';
import { DIAL_MS, DISCOVERY_MS, GREETING_MS, LOOK_UP_FIRST_MS, LOOK_UP_MAX_MS, REACHING_MS } from '../../limits.ts';
import type { Net } from '../../net/net.ts';
import type { Clock, Log, Milliseconds, Random } from '../../ports.ts';

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
  /** Look the account up again soon: a link went down. */
  wake(account: AccountUri): void;
  /** Look all accounts up again soon: this device is reached at other addresses. */
  wakeAll(): void;
  /** Resolves when no look-up or dial is under way any more; call after the signal has fired. */
  ended(): Promise<void>;
}

interface Watch {
  readonly stop: AbortController;
  /** Fires when there is a reason to look again before the time is up. */
  woken: AbortController;
}

export function createPeerKeeper(options: PeerKeeperOptions): PeerKeeper {
  const { signal, log } = options;
  const watches = new Map<AccountUri, Watch>();
  const ending = new Set<Promise<void>>();

  function start(account: AccountUri): void {
    const watch: Watch = { stop: new AbortController(), woken: new AbortController() };
    const loop = keepLooking(account, watch, options).catch((error: unknown) => {
      if (!signal.aborted && !watch.stop.signal.aborted)
        log.warn('looking for devices ended', { account, error: messageOf(error) });
    });
    watches.set(account, watch);
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
    wake: (account) => watches.get(account)?.woken.abort(),
    wakeAll() {
      for (const { woken } of watches.values()) woken.abort();
    },
    ended: async () => void (await Promise.all(ending)),
  };
}

async function keepLooking(account: AccountUri, watch: Watch, options: PeerKeeperOptions): Promise<void> {
  const { clock, random, log } = options;
  const signal = AbortSignal.any([watch.stop.signal, options.signal]);
  let tries = 0;
  let wakes = 0;
  while (!signal.aborted) {
    // From here on, so that what happens during the look-up is not missed.
    watch.woken = new AbortController();
    const isLinked = await linkDevicesOf(account, options, signal);
    const until = AbortSignal.any([signal, watch.woken.signal]);
    const againInMs = isLinked ? drawnWait(LOOK_UP_MAX_MS, random) : lookUpAfter(tries, random);
    log.debug(isLinked ? 'all devices found are linked' : 'not linked with all devices', { account, againInMs });
    await clock.wait(againInMs, until).catch(() => {});
    const isWoken = watch.woken.signal.aborted;
    tries = isLinked || isWoken ? 0 : tries + 1;
    // A link that goes down as soon as it is up must not be dialled over and over without a pause.
    if (isWoken) await clock.wait(lookUpAfter(wakes, random), signal);
    wakes = isWoken ? wakes + 1 : 0;
  }
}

/** The wait after so many tries in vain. */
export function lookUpAfter(tries: number, random: Random): Milliseconds {
  return drawnWait(backOff(tries + 1, { first: LOOK_UP_FIRST_MS, longest: LOOK_UP_MAX_MS }), random);
}

const FINDING_MS = DISCOVERY_MS + REACHING_MS + GREETING_MS;

/** Each device is dialled as soon as it is found: others of the account may be announced still and gone. */
async function linkDevicesOf(account: AccountUri, options: PeerKeeperOptions, signal: AbortSignal): Promise<boolean> {
  const { net, self, clock, log } = options;
  const isLinked = (device: DeviceId) => net.links().some(({ peer }) => peer.device === device);
  const dials = new Map<DeviceId, Promise<void>>();
  const onFound = (device: DeviceId) => {
    if (device === self || dials.has(device)) return;
    dials.set(device, isLinked(device) ? Promise.resolve() : dial(device, options, signal));
  };
  try {
    using deadline = startDeadline({ what: 'Finding devices', ms: FINDING_MS, clock, signal });
    for (const device of await net.findDevices(account, { signal: deadline.signal, onFound })) onFound(device);
  } catch (error) {
    signal.throwIfAborted();
    log.debug('look-up failed', { account, reason: messageOf(error) });
  }
  await Promise.all(dials.values());
  return dials.size > 0 && [...dials.keys()].every(isLinked);
}

async function dial(device: DeviceId, { net, clock, log }: PeerKeeperOptions, signal: AbortSignal): Promise<void> {
  try {
    using deadline = startDeadline({ what: 'Dialling a device', ms: DIAL_MS, clock, signal });
    await net.link(device, { signal: deadline.signal });
  } catch (error) {
    log.debug('dial failed', { device, reason: messageOf(error) });
  }
}
