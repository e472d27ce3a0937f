import * as z from 'zod';
import { AccountUri, ConversationId } from '../ids.ts';
import { PEOPLE_TOLD, TITLE_CHARACTERS } from '../limits.ts';
import { Mode } from './kinds/conversation-created.ts';

/** Of a conversation what an account's other devices need to find and clone it. */
export const KnownConversation = z.object({
  id: ConversationId,
  mode: Mode,
  title: z.string().max(TITLE_CHARACTERS).optional(),
  /** Some accounts that take part: any of their devices can be cloned from. */
  people: z.array(AccountUri).max(PEOPLE_TOLD),
});
export type KnownConversation = z.infer<typeof KnownConversation>;
