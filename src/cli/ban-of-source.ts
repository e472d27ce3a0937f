import { basename, dirname, resolve } from 'node:path';
import * as z from 'zod';
import { callEngine } from '../engine/control/call-engine-adapter.ts';
import { isSyncError } from '../errors.ts';
import type { CommandContext } from './context.ts';
import { HeldBan } from './words/held-ban.ts';
import { shortId } from './words/human.ts';

const Conversations = z.object({
  conversations: z.array(z.object({ conversation: z.string(), ban: HeldBan.optional() })),
});

/**
 * Says on stderr that one was banned from a conversation whose log is shown out of a home. The log cannot say so itself, as
 * the banned do not get the commit that bans them; the engine that runs on the home was told.
 */
export async function remarkOnBanOfSource(
  { output, signal }: Pick<CommandContext, 'output' | 'signal'>,
  source: string,
): Promise<void> {
  const path = resolve(source);
  if (basename(dirname(path)) !== 'conversations') return;
  try {
    const answer = await callEngine(dirname(dirname(path)), { method: 'conversations', signal });
    const { conversations } = Conversations.parse(answer);
    const ban = conversations.find(({ conversation }) => conversation === basename(path))?.ban;
    if (ban)
      output.remark(
        `You were banned from this conversation by ${shortId(ban.by)}: what was said there since is not in this log, and nobody there gets what is said here.`,
      );
  } catch (error) {
    // It is no home, no engine runs on it, or one of another version: the log is shown all the same.
    if (!isSyncError(error) && !(error instanceof z.ZodError)) throw error;
  }
}
