import { SyncError } from '../errors.ts';
import type { CommitId } from '../ids.ts';
import type { Net } from '../net/net.ts';
import { explainPolicy, type PolicyExplanation } from '../projections/policy/explain-policy.ts';
import { possibleSources } from '../projections/sources.ts';
import type { DiskRoom } from './disk-room.ts';
import type { EngineParts } from './engine-parts.ts';
import type { LiveConversation } from './live-conversation.ts';

export interface ExplainParts extends Pick<EngineParts, 'keys' | 'keeper' | 'policy'> {
  readonly net: Pick<Net, 'links'>;
  readonly disk: Pick<DiskRoom, 'free'>;
}

/** The policy's word on a file as things stand now. Throws INTERACTION_UNKNOWN. */
export function explainFilePolicy(
  { id: conversation, states }: LiveConversation,
  interaction: CommitId,
  { keys, keeper, policy, net, disk }: ExplainParts,
): PolicyExplanation {
  const { files, members } = states();
  const file = files.announced.get(interaction);
  if (!file) throw new SyncError('INTERACTION_UNKNOWN', { conversation, interaction });
  const journal = keeper.state();
  const record = journal.files.get(interaction);
  const sources = possibleSources(members, { self: keys, linked: net.links(), revoked: journal.revoked });
  const links = new Set(sources.flatMap(({ link }) => link ?? []));
  return explainPolicy(policy, { conversation, file, record, room: { held: journal.held, free: disk.free() } }, links);
}
