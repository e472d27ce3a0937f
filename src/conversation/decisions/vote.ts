import { fileAt, namesIn } from '../tree/tree.ts';
import { bannedPath, targetPath, votesPath } from '../tree-path.ts';
import { type Decision, type DecisionState, type FileChange, type Refusal, refuse } from './decision.ts';
import { ownDeviceFile, refusalToTakePart } from './take-part.ts';
import { type Ballot, type Tally, tallyOf } from './tally.ts';

/** An admin's vote for a ban, or for the end of one. */
export interface CastVote extends Ballot {
  readonly kind: 'cast-vote';
}

/** Bans the target, or lets it in again, once more than half of the admins have voted for it. */
export interface ResolveVote extends Ballot {
  readonly kind: 'resolve-vote';
}

/** Puts an empty file with the name of the admin beside the other votes on the target. */
export function castVote(state: DecisionState, ballot: CastVote): Decision {
  const tally = standing(state, ballot);
  if ('refused' in tally) return tally;
  const { action, target } = ballot;
  if (tally.isCastByUs) return refuse('already-voted', `this account has voted for the ${action} of ${target} already`);
  const path = `${votesPath({ action, kind: tally.kind, target })}/${state.self.account}`;
  return { event: { kind: 'vote-cast', uri: target }, edits: [...ownDeviceFile(state), { path, content: '' }] };
}

/** The votes are used up, and the target's file moves as it is. */
export function resolveVote(state: DecisionState, ballot: ResolveVote): Decision {
  const tally = standing(state, ballot);
  if ('refused' in tally) return tally;
  const { action, target } = ballot;
  const { kind, votes, admins } = tally;
  if (!tally.isCarried)
    return refuse('votes-missing', `${votes} of ${admins} admins have voted for the ${action} of ${target}`);
  const used = votesPath({ action, kind, target });
  const spent = namesIn(state.tree, used).map((voter) => ({ path: `${used}/${voter}`, content: undefined }));
  return {
    event: { kind: action === 'ban' ? 'member-banned' : 'member-unbanned', uri: target },
    edits: [...ownDeviceFile(state), ...spent, ...move(state, ballot, tally)],
  };
}

function standing(state: DecisionState, { action, target }: Ballot): Tally | Refusal {
  const { self, membership } = state;
  const refusal = refusalToTakePart(state);
  if (refusal) return refusal;
  if (membership.members.get(self.account)?.role !== 'admin')
    return refuse('not-an-admin', 'only admins ban, or lift a ban');
  if (target === self.account || target === self.device)
    return refuse('own-ban', 'nobody votes on themselves; to go, leave the conversation');
  const missing = action === 'ban' ? `${target} is not here to be banned` : `${target} is not banned`;
  return tallyOf(state, { action, target }) ?? refuse(action === 'ban' ? 'not-here' : 'not-banned', missing);
}

function move({ tree }: DecisionState, { action, target }: Ballot, { kind }: Tally): readonly FileChange[] {
  const places = [targetPath(kind, target), bannedPath(kind, target)];
  const [from = '', to = ''] = action === 'ban' ? places : places.toReversed();
  const taken = { path: from, content: undefined };
  // Of a target that joined while it was being banned, both files are there.
  if (action === 'unban' && fileAt(tree, to)) return [taken];
  return [taken, { path: to, blob: fileAt(tree, from)?.id }];
}
