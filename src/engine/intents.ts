import type { Intent } from '../conversation/decisions/decide.ts';
import { SyncError } from '../errors.ts';
import type { Interaction } from '../events/interaction.ts';
import type { Fetcher } from '../fetcher/fetcher.ts';
import { fileFields } from '../fetcher/file-key.ts';
import type { CommitId } from '../ids.ts';
import { judgeWord, type Word } from '../projections/journal/words.ts';
import type { Growth } from './conversations/growth.ts';
import type { LiveConversation } from './conversations/live-conversation.ts';
import type { EngineParts } from './engine-parts.ts';
import { announcedFile } from './files/announced-file.ts';

/** What people want, carried out: committed, journalled, told to others. */
export interface Intents {
  /**
   * Commits what the intent comes to and tells everybody. `first` is done while the commit is in the log and nobody has
   * heard of it yet. Throws REFUSED, and whatever `first` throws; others hear of the commit all the same.
   */
  carryOut(conversation: LiveConversation, intent: Intent, first?: BeforeTold): Promise<Interaction>;
  /**
   * Journals what the user says about a file, and carries it out at once. Throws INTERACTION_UNKNOWN, and REFUSED for a
   * word that makes no sense for the file as it stands.
   */
  say(conversation: LiveConversation, word: Word, interaction: CommitId): void;
}

export type BeforeTold = (interaction: Interaction) => Promise<void>;

const OBJECTIONS = {
  deleted: 'the file was taken back by who sent it',
  'here-already': 'the file is here already; "cancel" stops giving it to others',
} as const;

export function createIntents(
  { keeper, clock, signal }: Pick<EngineParts, 'keeper' | 'clock' | 'signal'>,
  { growth, fetcher }: { readonly growth: Growth; readonly fetcher: Pick<Fetcher, 'cancel' | 'pause'> },
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
    say(conversation, word, interaction) {
      signal.throwIfAborted();
      const file = conversation.states().files.announced.get(interaction);
      if (!file) throw new SyncError('INTERACTION_UNKNOWN', { conversation: conversation.id, interaction });
      const judged = judgeWord(word, { file, record: keeper.state().files.get(interaction) });
      if (judged.verdict === 'refused')
        throw new SyncError('REFUSED', { reason: judged.reason, detail: OBJECTIONS[judged.reason] });
      if (judged.verdict === 'no-news') return;
      // The journal first: what begins from here on goes by it, what runs already by the stop.
      keeper.record({ kind: judged.kind, ...fileFields(announcedFile(conversation, file)), at: clock.now() });
      if (judged.stop) fetcher[judged.stop](announcedFile(conversation, file));
    },
  };
}
