import { messageOf, SyncError } from '../../errors.ts';
import type { DeviceId } from '../../ids.ts';
import type { Clock, Log } from '../../ports.ts';
import type { LinkView, NetChange, PathKind } from '../net.ts';
import { createDriver } from '../signalling/machine-driver.ts';
import { type SeekEffect, type SeekInput, seekState, step } from './seek-machine.ts';

export interface BetterPathsOptions {
  /** The kinds of path that this device uses, best first. */
  readonly kinds: readonly PathKind[];
  /** Tries to move the link to one of these kinds. Throws when nothing came of it. */
  move(device: DeviceId, paths: readonly PathKind[], options: { signal: AbortSignal }): Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Looks for better paths for the links that this device dialled; who was dialled leaves it to the other side. */
export interface BetterPaths {
  onChange(change: NetChange): void;
  /** Tries at once what is waited with otherwise. */
  hint(): void;
}

interface Search {
  readonly feed: (input: SeekInput) => void;
  readonly over: AbortController;
}

export function createBetterPaths(options: BetterPathsOptions): BetterPaths {
  const searches = new Map<DeviceId, Search>();

  function onServing(link: LinkView): void {
    if (!link.isDialer) return;
    const { device } = link.peer;
    const search = searches.get(device) ?? startSearch(device, options);
    searches.set(device, search);
    search.feed({ kind: 'serves', path: usedKind(link) });
  }

  function stop(device: DeviceId): void {
    searches.get(device)?.over.abort(new SyncError('CANCELLED', { what: 'Looking for a better path' }));
    searches.delete(device);
  }

  return {
    onChange(change) {
      // What comes up anew is another link, also when the old one has not gone down.
      if (change.kind !== 'link-moved') stop(change.kind === 'link-up' ? change.link.peer.device : change.peer.device);
      if (change.kind !== 'link-down') onServing(change.link);
    },
    hint() {
      for (const { feed } of searches.values()) feed({ kind: 'hint' });
    },
  };
}

/** A UDP path with relays may have found a straight way. */
function usedKind({ path, kind }: LinkView): PathKind {
  return path.kind === 'udp-relay' && kind !== 'relay' ? 'udp' : path.kind;
}

function startSearch(device: DeviceId, { kinds, move, clock, log, signal: closed }: BetterPathsOptions): Search {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, closed]);
  let replaced = new AbortController();

  function perform(effect: SeekEffect): void {
    if (effect.kind === 'try') void attempt(effect.paths);
    else wakeAfter(effect.ms);
  }

  function wakeAfter(ms: number): void {
    replaced.abort();
    replaced = new AbortController();
    clock.wait(ms, AbortSignal.any([signal, replaced.signal])).then(
      () => feed({ kind: 'due' }),
      () => {},
    );
  }

  async function attempt(paths: readonly PathKind[]): Promise<void> {
    try {
      await move(device, paths, { signal });
    } catch (error) {
      log.debug('no better path yet', { device, reason: messageOf(error) });
    }
    if (!signal.aborted) feed({ kind: 'tried' });
  }

  const feed = createDriver({ initial: seekState(kinds), step }, perform);
  return { feed, over };
}
