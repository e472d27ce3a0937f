import { backOff } from '../../back-off.ts';
import { withDeadline } from '../../deadline.ts';
import { messageOf } from '../../errors.ts';
import { ANNOUNCE_AGAIN_MS, ANNOUNCE_MS, DISCOVERY_MS } from '../../limits.ts';
import type { Clock, Log, Milliseconds } from '../../ports.ts';
import type { DhtNode } from '../dht/dht-node-adapter.ts';

export interface AnnouncerOptions {
  readonly dht: Pick<DhtNode, 'announce' | 'unannounce'>;
  readonly topics: readonly Uint8Array[];
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** What ends the present wait: there is a reason to announce before the time is up. Asked anew for each wait. */
  again?(): AbortSignal;
}

/**
 * Announces at once, and again before the DHT forgets; sooner where it failed. Resolves after the first time; goes on until
 * the signal fires.
 */
export async function announce(options: AnnouncerOptions): Promise<void> {
  const isAnnounced = await announceOnce(options);
  void keepAnnouncing(options, isAnnounced ? 0 : 1);
}

/** A failure is not fatal: the next time comes. */
async function announceOnce({ dht, topics, clock, log, signal }: AnnouncerOptions): Promise<boolean> {
  const deadline = { what: 'Announcing this device', ms: DISCOVERY_MS, clock, signal };
  try {
    const nodes = await withDeadline(deadline, () => Promise.all(topics.map((topic) => dht.announce(topic))));
    log.debug('announced in the DHT', { nodes });
    return true;
  } catch (error) {
    if (!signal.aborted) log.warn('announcing failed', { reason: messageOf(error) });
    return false;
  }
}

async function keepAnnouncing(options: AnnouncerOptions, failed: number): Promise<void> {
  const { clock, signal } = options;
  let failures = failed;
  while (!signal.aborted) {
    const again = options.again?.();
    const until = again === undefined ? signal : AbortSignal.any([signal, again]);
    await clock.wait(announceAfter(failures), until).catch(() => {});
    if (signal.aborted) return;
    failures = (await announceOnce(options)) ? 0 : failures + 1;
  }
}

/** The wait after so many failures in a row. */
export function announceAfter(failures: number): Milliseconds {
  return failures === 0 ? ANNOUNCE_MS : backOff(failures, { first: ANNOUNCE_AGAIN_MS, longest: ANNOUNCE_MS });
}
