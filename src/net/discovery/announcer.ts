import { messageOf } from '../../errors.ts';
import { ANNOUNCE_MS, DISCOVERY_MS } from '../../limits.ts';
import type { Clock, Log } from '../../ports.ts';
import { withDeadline } from '../deadline.ts';
import type { DhtNode } from '../hyperdht-adapter.ts';

export interface AnnouncerOptions {
  readonly dht: Pick<DhtNode, 'announce' | 'unannounce'>;
  readonly topics: readonly Uint8Array[];
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** What ends the present wait: there is a reason to announce before the time is up. Asked anew for each wait. */
  again?(): AbortSignal;
}

/** Announces at once, and again before the DHT forgets. Resolves after the first time; goes on until the signal fires. */
export async function announce(options: AnnouncerOptions): Promise<void> {
  await announceOnce(options);
  void keepAnnouncing(options);
}

/** A failure is not fatal: the next time comes. */
async function announceOnce({ dht, topics, clock, log, signal }: AnnouncerOptions): Promise<void> {
  const deadline = { what: 'Announcing this device', ms: DISCOVERY_MS, clock, signal };
  try {
    await withDeadline(deadline, () => Promise.all(topics.map((topic) => dht.announce(topic))));
  } catch (error) {
    if (!signal.aborted) log.warn('announcing failed', { reason: messageOf(error) });
  }
}

async function keepAnnouncing(options: AnnouncerOptions): Promise<void> {
  const { clock, signal } = options;
  while (!signal.aborted) {
    const again = options.again?.();
    const until = again === undefined ? signal : AbortSignal.any([signal, again]);
    await clock.wait(ANNOUNCE_MS, until).catch(() => {});
    if (!signal.aborted) await announceOnce(options);
  }
}
