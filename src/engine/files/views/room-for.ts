/** Why a file that waits for room under a quota gets none. */
import { type EvictionInput, evictions, type Staying, stayingFiles } from '../../../projections/policy/evictions.ts';
import { quotaShortage } from '../../../projections/policy/room.ts';
import { type EvictionFactsParts, evictionFacts } from '../disk/eviction-facts.ts';

export interface RoomFor {
  /** The quota that is too small. */
  readonly quota: 'conversation' | 'total';
  /** What comes of the policy's `evict`; absent when it is off. */
  readonly eviction?: 'under-way' | { readonly staying: ReadonlyMap<Staying, number> };
}

/** Undefined when the quotas have room for the file. */
export function roomFor(wanted: EvictionInput['wanted'], parts: EvictionFactsParts): RoomFor | undefined {
  const facts = evictionFacts(parts);
  const { journal, policy, room, conversations } = facts;
  const record = journal.files.get(wanted.file.interaction);
  const shortage = quotaShortage(policy, { ...wanted, record, room });
  if (!shortage) return undefined;
  const quota = shortage.of === 'total' ? 'total' : 'conversation';
  if (!policy.evict) return { quota };
  const input = { ...facts, wanted };
  if (evictions(input).length > 0) return { quota, eviction: 'under-way' };
  const inReach = conversations.filter(({ conversation }) => quota === 'total' || conversation === wanted.conversation);
  return { quota, eviction: { staying: stayingFiles({ ...input, conversations: inReach }) } };
}
