import type { Intent } from '../conversation/decisions/decide.ts';
import type { Interaction } from '../events/interaction.ts';
import type { Fetcher } from '../fetcher/fetcher.ts';
import type { AnnouncedFile } from '../fetcher/ports.ts';
import type { EngineParts } from './engine-parts.ts';
import type { Growth } from './growth.ts';
import type { LiveConversation } from './live-conversation.ts';

/** What people want, carried out: committed, journalled, told to others. */
export interface Intents {
  /**
   * Commits what the intent comes to and tells everybody. `first` is done while the commit is in the log and nobody has
   * heard of it yet. Throws REFUSED, and whatever `first` throws; others hear of the commit all the same.
   */
  carryOut(conversation: LiveConversation, intent: Intent, first?: BeforeTold): Promise<Interaction>;
  cancel(file: AnnouncedFile): void;
}

export type BeforeTold = (interaction: Interaction) => Promise<void>;

export function createIntents(
  { keeper, clock, signal }: Pick<EngineParts, 'keeper' | 'clock' | 'signal'>,
  { growth, fetcher }: { readonly growth: Growth; readonly fetcher: Pick<Fetcher, 'cancel'> },
): Intents {
  return {
    async carryOut(conversation, intent, first) {
      // Once the engine has ended, the home may be another one's.
      signal.throwIfAborted();
      const interaction = await conversation.log.append(intent);
      try {
        await first?.(interaction);
      } finally {
        await growth.onGrown(conversation);
      }
      return interaction;
    },
    cancel(file) {
      const { conversation, interaction, fileId } = file;
      keeper.record({ kind: 'file-cancelled', conversation, interaction, fileId, at: clock.now() });
      fetcher.cancel(file);
    },
  };
}
