import { SyncError } from '../../../errors.ts';
import type { CommitId } from '../../../ids.ts';
import { explainPolicy, type PolicyExplanation } from '../../../projections/policy/explain-policy.ts';
import type { LiveConversation } from '../../conversations/live-conversation.ts';
import type { Planner } from '../fetch/planner.ts';

/** The policy's word on a file as things stand now. Throws INTERACTION_UNKNOWN. */
export function explainFilePolicy(
  { id: conversation, states }: LiveConversation,
  interaction: CommitId,
  { planner }: { readonly planner: Pick<Planner, 'world'> },
): PolicyExplanation {
  const file = states().files.announced.get(interaction);
  if (!file) throw new SyncError('INTERACTION_UNKNOWN', { conversation, interaction });
  const { policy, room, journal, sourcesOf } = planner.world();
  const record = journal.files.get(interaction);
  const links = new Set(sourcesOf(conversation).flatMap(({ link }) => link ?? []));
  return explainPolicy(policy, { conversation, file, record, room }, links);
}
