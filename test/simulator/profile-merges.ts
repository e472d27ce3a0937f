/**
 * What becomes of the profile in merges, told anew from commits and trees: a side that did not change it since the two parted
 * takes the other's; of two that did, the one with the larger head id is kept (docs/format.md, "Merges").
 */
import { createHistoryReader } from '../../src/conversation/log/history-reader.ts';
import { fileAt } from '../../src/conversation/tree/tree.ts';
import { PROFILE_PATH } from '../../src/conversation/tree-path.ts';
import type { LiveConversation } from '../../src/engine/conversations/live-conversation.ts';
import type { Interaction } from '../../src/events/interaction.ts';
import type { CommitId, ObjectId } from '../../src/ids.ts';
import { allOf } from '../support/events/linearized.ts';

export interface ProfileMerges {
  /** How many merges had two sides that both changed the profile, and differently. */
  readonly conflicts: number;
  /** Merges that took another profile than they should: each a sentence. */
  readonly broken: readonly string[];
}

type Profile = ObjectId | undefined;

export async function profileMerges({ log, history }: LiveConversation): Promise<ProfileMerges> {
  const reader = createHistoryReader(log.repository);
  const commits = allOf(history());
  const below = lineages(commits);
  const profiles = new Map<CommitId, Profile>();
  for (const { id } of commits) {
    const tree = await reader.trees.read((await reader.commit(id)).tree);
    profiles.set(id, fileAt(tree, PROFILE_PATH)?.id);
  }
  const merges = commits.flatMap(({ id, parents: [ours, theirs] }) => {
    return ours && theirs ? [{ id, ...judged({ ours, theirs }, { below, profiles }) }] : [];
  });
  return {
    conflicts: merges.filter(({ isConflict }) => isConflict).length,
    broken: merges
      .filter(({ id, allowed }) => !allowed.includes(profiles.get(id)))
      .map(({ id }) => `the merge ${id} has a profile that its sides do not come to`),
  };
}

interface Known {
  readonly below: ReadonlyMap<CommitId, ReadonlySet<CommitId>>;
  readonly profiles: ReadonlyMap<CommitId, Profile>;
}

/** The profiles that a merge may have. Where they parted in several commits of different minds, that is either side's. */
function judged(
  { ours, theirs }: { readonly ours: CommitId; readonly theirs: CommitId },
  { below, profiles }: Known,
): { readonly allowed: readonly Profile[]; readonly isConflict: boolean } {
  const [our, their] = [profiles.get(ours), profiles.get(theirs)];
  const [base, ...others] = new Set([...partings(below, ours, theirs)].map((id) => profiles.get(id)));
  if (others.length > 0) return { allowed: [our, their], isConflict: our !== their };
  if (our === base) return { allowed: [their], isConflict: false };
  if (their === base || our === their) return { allowed: [our], isConflict: false };
  return { allowed: [theirs > ours ? their : our], isConflict: true };
}

/** The last commits that both descend from: no other such commit descends from them. */
function partings(below: Known['below'], ours: CommitId, theirs: CommitId): readonly CommitId[] {
  const common = [...(below.get(ours) ?? [])].filter((id) => below.get(theirs)?.has(id));
  return common.filter((id) => !common.some((other) => other !== id && below.get(other)?.has(id)));
}

/** What each commit descends from, itself included. */
function lineages(commits: readonly Interaction[]): Known['below'] {
  const below = new Map<CommitId, ReadonlySet<CommitId>>();
  for (const { id, parents } of commits)
    below.set(id, new Set([id, ...parents.flatMap((parent) => [...(below.get(parent) ?? [])])]));
  return below;
}
