import type { CommitId, ConversationId } from '../../../ids.ts';
import type { Clock, Milliseconds } from '../../../ports.ts';

export interface GatherOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** From a first change to the telling of all that came until then. */
  readonly every: Milliseconds;
  /** As many as are told at once; when there are so many, they are told at once. */
  readonly atMost: number;
  tell(conversation: ConversationId, changed: readonly CommitId[]): void;
}

/** Gathers changes of files, so that many are told together and a file that changes often is told of now and then. */
export interface GatheredChanges {
  add(conversation: ConversationId, interaction: CommitId): void;
}

export function createGatheredChanges({ clock, signal, every, atMost, tell }: GatherOptions): GatheredChanges {
  const gathered = new Map<ConversationId, Set<CommitId>>();

  function tellNow(conversation: ConversationId): void {
    const changed = gathered.get(conversation);
    gathered.delete(conversation);
    if (changed && !signal.aborted) tell(conversation, [...changed]);
  }

  return {
    add(conversation, interaction) {
      const changed = gathered.get(conversation);
      if (changed) {
        changed.add(interaction);
        if (changed.size >= atMost) tellNow(conversation);
        return;
      }
      gathered.set(conversation, new Set([interaction]));
      clock.wait(every, signal).then(
        () => tellNow(conversation),
        () => {},
      );
    },
  };
}
