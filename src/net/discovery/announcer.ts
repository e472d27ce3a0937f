import { backOff } from '../../back-off.ts';
import { withDeadline } from '../../deadline.ts';
import { messageOf } from '../../errors.ts';
import { ANNOUNCE_AGAIN_MS, ANNOUNCE_MS, ANNOUNCED_LOOK_MS, DISCOVERY_MS } from '../../limits.ts';
import type { Clock, Log, Milliseconds } from '../../ports.ts';
import type { DhtNode } from '../dht/dht-node-adapter.ts';

export interface AnnouncerOptions {
  readonly dht: Pick<DhtNode, 'announce' | 'isKnownUnder' | 'tellTheWay'>;
  /** The last one is this device's alone. */
  readonly topics: readonly Uint8Array[];
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** What ends the present wait: there is a reason to announce before the time is up. Asked anew for each wait. */
  again?(): AbortSignal;
}

/**
 * Announces at once, and again before the DHT forgets; sooner where it failed, or the DHT has forgotten already. Resolves
 * after the first time; goes on until the signal fires.
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

/**
 * Nodes that are started anew have forgotten everything, and where that takes them a few seconds, nobody notices but who looks.
 * Somebody may keep them from knowing: looking is of no use then, and is done ever more seldom.
 */
async function keepAnnouncing(options: AnnouncerOptions, failed: number): Promise<void> {
  const { dht, log, signal } = options;
  let [failures, forgotten, dueIn] = [failed, 0, announceAfter(failed)];
  while (!signal.aborted) {
    const wait = Math.min(dueIn, lookAfter(forgotten));
    dueIn -= wait;
    const seen = await waitAndLook(wait, { ...options, isDue: dueIn === 0 });
    if (signal.aborted) return;
    if (seen === 'known') {
      forgotten = 0;
      continue;
    }
    if (seen === 'forgotten') {
      forgotten += 1;
      log.debug('the DHT has forgotten this device: it is told again');
      dht.tellTheWay();
    }
    failures = (await announceOnce(options)) ? 0 : failures + 1;
    dueIn = announceAfter(failures);
  }
}

/** `due` as well when there is a reason to announce before the time is up. */
async function waitAndLook(
  wait: Milliseconds,
  { isDue, ...options }: AnnouncerOptions & { readonly isDue: boolean },
): Promise<'due' | 'known' | 'forgotten'> {
  const again = options.again?.();
  const signal = again === undefined ? options.signal : AbortSignal.any([options.signal, again]);
  await options.clock.wait(wait, signal).catch(() => {});
  if (isDue || signal.aborted) return 'due';
  const isLost = await isForgotten({ ...options, signal });
  if (signal.aborted) return 'due';
  return isLost ? 'forgotten' : 'known';
}

/** A DHT that does not answer says nothing. */
async function isForgotten({ dht, topics, clock, signal }: AnnouncerOptions): Promise<boolean> {
  const topic = topics.at(-1);
  const deadline = { what: 'Looking for this device', ms: DISCOVERY_MS, clock, signal };
  if (topic === undefined) return false;
  return withDeadline(deadline, async (inner) => !(await dht.isKnownUnder(topic, { signal: inner }))).catch(
    () => false,
  );
}

/** The wait after so many failures in a row. */
export function announceAfter(failures: number): Milliseconds {
  return failures === 0 ? ANNOUNCE_MS : backOff(failures, { first: ANNOUNCE_AGAIN_MS, longest: ANNOUNCE_MS });
}

/** The wait before the next look, after it was forgotten so many times in a row: never so long that there is none in between. */
function lookAfter(forgotten: number): Milliseconds {
  return backOff(forgotten + 1, { first: ANNOUNCED_LOOK_MS, longest: ANNOUNCE_MS / 2 });
}
