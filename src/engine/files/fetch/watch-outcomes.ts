import type { CommitId } from '../../../ids.ts';
import { FETCH_LOOK_MS } from '../../../limits.ts';
import type { FileAnnouncement } from '../../../projections/files.ts';
import type { EngineParts } from '../../engine-parts.ts';
import type { FetchOutcome } from '../../views.ts';
import type { Planner } from './planner.ts';

/** Files that are fetched, until each has an outcome. */
export interface WatchedOutcomes extends Disposable {
  /**
   * Those that something happened to since this was last asked. Unless outcomes are waited for however long they take,
   * all of them every `FETCH_LOOK_MS`: a file may have nothing left to wait for because of what happened to another one.
   */
  toLookAt(): readonly FileAnnouncement[];
  /** Takes out, of these, the files that have an outcome, and yields that. */
  settle(
    files: readonly FileAnnouncement[],
    outcome: (file: FileAnnouncement) => FetchOutcome | undefined,
  ): Generator<FetchOutcome>;
  areAllSettled(): boolean;
}

export interface WatchParts extends Pick<EngineParts, 'keeper' | 'clock' | 'signal'> {
  readonly planner: Pick<Planner, 'poke'>;
  readonly isWaitingLong: boolean;
}

export function watchOutcomes(
  files: readonly FileAnnouncement[],
  { keeper, clock, planner, isWaitingLong, signal }: WatchParts,
): WatchedOutcomes {
  const open = new Map(files.map((file) => [file.interaction, file]));
  const changed = new Set<CommitId>(open.keys());
  let areAllDue = true;
  let isLookMissed = false;
  const stopListening = keeper.listen((records) => {
    for (const record of records) {
      if ('interaction' in record && open.has(record.interaction)) changed.add(record.interaction);
    }
  });

  function lookAgainLater(): void {
    [areAllDue, isLookMissed] = [false, false];
    clock.wait(FETCH_LOOK_MS, signal).then(
      () => {
        areAllDue = true;
        if (isLookMissed && open.size > 0) planner.poke();
      },
      () => {},
    );
  }

  return {
    toLookAt() {
      const areAll = areAllDue && !isWaitingLong;
      const some = areAll ? [...open.values()] : [...changed].flatMap((interaction) => open.get(interaction) ?? []);
      changed.clear();
      if (areAll) lookAgainLater();
      else isLookMissed = true;
      return some;
    },
    *settle(some, outcome) {
      for (const file of some) {
        const ended = outcome(file);
        if (!ended) continue;
        open.delete(file.interaction);
        yield ended;
      }
    },
    areAllSettled: () => open.size === 0,
    [Symbol.dispose]: stopListening,
  };
}
