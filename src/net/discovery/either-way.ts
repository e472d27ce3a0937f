import { SyncError } from '../../errors.ts';
import { GATE_HEAD_START_MS } from '../../limits.ts';
import type { Clock } from '../../ports.ts';
import type { SignalStream } from '../signalling/signal-stream.ts';
import { staggered } from '../staggered.ts';
import type { Claimant, Discovery } from './discovery.ts';

/**
 * Two places that know claimants by the same keys. Who is found in both is reached by the first place, and a while later by
 * the second as well. A place that is slow is waited for no longer than that once the other one has found somebody.
 */
export function eitherWay(first: Discovery, second: Discovery, clock: Clock): Discovery {
  return {
    place: first.place,
    async lookUp(topic, { signal }) {
      const over = new AbortController();
      const inner = AbortSignal.any([signal, over.signal]);
      const found: (readonly Claimant[])[] = [[], []];
      const looked = [first, second].map(async (discovery, place) => {
        found[place] = await discovery.lookUp(topic, { signal: inner });
      });
      const patience = looked.map(async (looking, place) => {
        await looking;
        if (found[place]?.length === 0) throw NOBODY;
        await clock.wait(GATE_HEAD_START_MS, inner);
      });
      const all = Promise.allSettled(looked);
      try {
        // When nobody was found, or neither place answers, all that can be waited for is that both have said so.
        await Promise.race([all, Promise.any(patience).catch(() => all)]);
      } finally {
        over.abort(NOBODY);
      }
      signal.throwIfAborted();
      const isNowhere = found.every(({ length }) => length === 0);
      // Both failing is a failure; one of them alone is not.
      if (isNowhere) await Promise.any(looked);
      return merged(found.flat(), clock);
    },
  };
}

const NOBODY = new SyncError('CANCELLED', { what: 'A look-up in two places' });

function merged(claimants: readonly Claimant[], clock: Clock): readonly Claimant[] {
  const byKey = new Map<string, readonly Claimant[]>();
  for (const claimant of claimants) byKey.set(claimant.key, [...(byKey.get(claimant.key) ?? []), claimant]);
  return [...byKey].map(([key, ways]) => ({
    key,
    connect: ({ signal }) => firstToConnect(ways, clock, signal),
  }));
}

async function firstToConnect(
  ways: readonly Claimant[],
  clock: Clock,
  signal: AbortSignal,
): Promise<SignalStream | undefined> {
  const tries = ways.map((way) => async (inner: AbortSignal) => {
    const stream = await way.connect({ signal: inner });
    if (stream === undefined) throw NOBODY;
    return stream;
  });
  const discard = (stream: SignalStream) => stream.close();
  try {
    return await staggered(tries, { headStart: GATE_HEAD_START_MS, clock, signal, discard });
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
