import type { Intent } from '../conversation/decisions/decide.ts';
import type { Interaction } from '../events/interaction.ts';
import type { Fetcher } from '../fetcher/fetcher.ts';
import type { AnnouncedFile } from '../fetcher/ports.ts';
import type { EngineParts } from './engine-parts.ts';
import type { Growth } from './growth.ts';
import type { LiveConversation } from './live-conversation.ts';

/** What people want, carried out: committed, journalled, told to others. */
export interface Intents {
  /** Throws REFUSED. */
  carryOut(conversation: LiveConversation, intent: Intent): Promise<Interaction>;
  cancel(file: AnnouncedFile): void;
}

export function createIntents(
  { keeper, clock }: Pick<EngineParts, 'keeper' | 'clock'>,
  { growth, fetcher }: { readonly growth: Growth; readonly fetcher: Pick<Fetcher, 'cancel'> },
): Intents {
  return {
    async carryOut(conversation, intent) {
      const interaction = await conversation.log.append(intent);
      await growth.onGrown(conversation);
      return interaction;
    },
    cancel(file) {
      const { conversation, interaction, fileId } = file;
      keeper.record({ kind: 'file-cancelled', conversation, interaction, fileId, at: clock.now() });
      fetcher.cancel(file);
    },
  };
}
