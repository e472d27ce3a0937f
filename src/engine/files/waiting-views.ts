import type { ConversationId } from '../../ids.ts';
import type { LiveConversation } from '../conversations/live-conversation.ts';
import type { WaitingView } from '../engine.ts';
import type { EngineParts } from '../engine-parts.ts';
import { explainWaiting } from './explain-waiting.ts';
import type { Planner } from './planner.ts';

/** What every missing file waits for, in words as well. */
export function waitingViews(
  live: ReadonlyMap<ConversationId, LiveConversation>,
  { planner, clock, keeper }: { readonly planner: Planner } & Pick<EngineParts, 'clock' | 'keeper'>,
): readonly WaitingView[] {
  return [...live.values()].flatMap((conversation) =>
    planner.waiting(conversation).map((waiting) => {
      const { file, state, bytes, waitsFor, rule, holders } = waiting;
      const { interaction, fileId, displayName, totalSize } = file;
      const asks = keeper.state().files.get(interaction)?.asks;
      const says = explainWaiting(waiting, { now: clock.now(), asks });
      return {
        conversation: conversation.id,
        interaction,
        fileId,
        displayName,
        totalSize,
        state,
        bytes,
        rule,
        holders,
        waitsFor,
        says,
      };
    }),
  );
}
