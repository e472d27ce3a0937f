import type { ConversationId } from '../ids.ts';
import type { WaitingView } from './engine.ts';
import type { EngineParts } from './engine-parts.ts';
import { explainWaiting } from './explain-waiting.ts';
import type { LiveConversation } from './live-conversation.ts';
import type { Planner } from './planner.ts';

/** What every missing file waits for, in words as well. */
export function waitingViews(
  live: ReadonlyMap<ConversationId, LiveConversation>,
  { planner, clock }: { readonly planner: Planner } & Pick<EngineParts, 'clock'>,
): readonly WaitingView[] {
  return [...live.values()].flatMap((conversation) =>
    planner.waiting(conversation).map((waiting) => {
      const { file, state, bytes, waitsFor, rule } = waiting;
      const { interaction, fileId, displayName, totalSize } = file;
      const says = explainWaiting(waiting, clock.now());
      return {
        conversation: conversation.id,
        interaction,
        fileId,
        displayName,
        totalSize,
        state,
        bytes,
        rule,
        waitsFor,
        says,
      };
    }),
  );
}
