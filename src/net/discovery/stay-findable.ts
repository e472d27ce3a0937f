import { FINDABLE_LOOK_MS } from '../../limits.ts';
import type { Clock, Log } from '../../ports.ts';

/** What answers at a key in the DHT. */
export interface Findable {
  /** Of the nodes that know the way to it. */
  readonly relayAddresses: readonly unknown[];
  /** Tells nodes the way anew, within some seconds. */
  refresh(): void;
}

export interface StayFindableOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** There are nodes again that know the way, after there was none: these may have forgotten all else, too. */
  onFoundAgain(): void;
}

/**
 * Sees to it that there are nodes which know the way to a key, until the signal fires. The library does as long as there is
 * one: when none answered at the start, or while the network stood still, it would wait for minutes (HyperDHT 6.34).
 */
export async function stayFindable(server: Findable, options: StayFindableOptions): Promise<void> {
  const { clock, log, signal } = options;
  let isKnown = true;
  for (;;) {
    await clock.wait(FINDABLE_LOOK_MS, signal).catch(() => {});
    if (signal.aborted) return;
    const wasKnown = isKnown;
    isKnown = server.relayAddresses.length > 0;
    if (isKnown && !wasKnown) options.onFoundAgain();
    if (isKnown) continue;
    log.debug('no node of the DHT knows the way to this device: they are told again');
    server.refresh();
  }
}
