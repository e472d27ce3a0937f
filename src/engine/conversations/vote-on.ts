import type { Intent } from '../../conversation/decisions/decide.ts';
import { type Ballot, tallyOf } from '../../conversation/decisions/tally.ts';
import type { Interaction } from '../../events/interaction.ts';
import type { VoteOutcome } from './conversation-writes.ts';
import type { LiveConversation } from './live-conversation.ts';

/** Casts our vote unless that was done before, and resolves the vote if it is carried. Throws REFUSED. */
export async function voteOn(
  { log }: Pick<LiveConversation, 'log'>,
  ballot: Ballot,
  commit: (intent: Intent) => Promise<Interaction>,
): Promise<VoteOutcome> {
  const tally = () => tallyOf(log.state(), ballot);
  if (!tally()?.isCastByUs) await commit({ kind: 'cast-vote', ...ballot });
  const cast = tally();
  if (!cast?.isCarried) return { outcome: 'voted', votes: cast?.votes ?? 0, admins: cast?.admins ?? 0 };
  const interaction = await commit({ kind: 'resolve-vote', ...ballot });
  // Concurrent bans can have banned the target as several things, each of which is voted on by itself.
  if (ballot.action === 'unban' && tally()) return voteOn({ log }, ballot, commit);
  return { outcome: ballot.action === 'ban' ? 'banned' : 'unbanned', interaction };
}
