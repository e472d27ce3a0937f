/** Why a file that waits for room under a quota gets none. */
import { type EvictionInput, evictions, type Staying, stayingFiles } from '../../../projections/policy/evictions.ts';
import { quotaShortage } from '../../../projections/policy/room.ts';
import type { LiveConversation } from '../../conversations/live-conversation.ts';
import type { EngineParts } from '../../engine-parts.ts';
import type { Planner } from '../fetch/planner.ts';

export interface RoomFor {
  /** The quota that is too small. */
  readonly quota: 'conversation' | 'total';
  /** What comes of the policy's `evict`; absent when it is off. */
  readonly eviction?: 'under-way' | { readonly staying: ReadonlyMap<Staying, number> };
}

interface RoomParts extends Pick<EngineParts, 'keys' | 'live'> {
  readonly planner: Pick<Planner, 'world'>;
}

/** Undefined when the quotas have room for the file. */
export function roomFor(wanted: EvictionInput['wanted'], { keys, live, planner }: RoomParts): RoomFor | undefined {
  const { journal, policy, room } = planner.world();
  const record = journal.files.get(wanted.file.interaction);
  const shortage = quotaShortage(policy, { ...wanted, record, room });
  if (!shortage) return undefined;
  const quota = shortage.of === 'total' ? 'total' : 'conversation';
  if (!policy.evict) return { quota };
  const conversations = [...live.values()].map(conversationOf);
  const input = { policy, journal, room, self: keys, conversations, wanted };
  if (evictions(input).length > 0) return { quota, eviction: 'under-way' };
  const inReach = conversations.filter(({ conversation }) => quota === 'total' || conversation === wanted.conversation);
  return { quota, eviction: { staying: stayingFiles({ ...input, conversations: inReach }) } };
}

function conversationOf({ id, states }: LiveConversation): EvictionInput['conversations'][number] {
  const { files, members } = states();
  return { conversation: id, files, members };
}
