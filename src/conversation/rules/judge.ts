import { type AuthoredFacts, type CommitFacts, editTarget, isAuthored } from './commit-facts.ts';
import { judgeCheckpoint } from './document.ts';
import { judgeEdit } from './edit.ts';
import { judgeInitial } from './initial.ts';
import { judgeMember } from './member.ts';
import { judgeMerge } from './merge.ts';
import { isRuledType, judgeType, type RuledType } from './ordinary.ts';
import { judgeOther } from './other.ts';
import { judgeProfile } from './profile.ts';
import type { Flaw } from './rule.ts';
import { judgeIdentity } from './signature.ts';
import { judgeVote } from './vote.ts';

/**
 * What is wrong with a commit, its signature left aside (`judgeSignature`): at most one flaw in what it does, and one in
 * who does it. The rules of what it does need its author; without one only that is reported.
 */
export function judge(facts: CommitFacts): readonly Flaw[] {
  return [judgeParents(facts), judgeIdentity(facts.signer, facts.commit.committer.seconds)].filter(
    (found) => found !== undefined,
  );
}

/** R3: the number of parents says what a commit is. */
function judgeParents(facts: CommitFacts): Flaw | undefined {
  const { length } = facts.commit.parents;
  if (length > 1) return judgeMerge(facts);
  if (!isAuthored(facts)) return length === 1 ? judgeType(facts.content) : undefined;
  return length === 0 ? judgeInitial(facts) : (judgeType(facts.content) ?? judgeByType(facts));
}

const BY_TYPE: Readonly<Record<RuledType, (facts: AuthoredFacts) => Flaw | undefined>> = {
  vote: judgeVote,
  member: judgeMember,
  'application/update-profile': judgeProfile,
  'application/checkpoint': judgeCheckpoint,
};

function judgeByType(facts: AuthoredFacts): Flaw | undefined {
  const { content } = facts;
  if (isRuledType(content.type)) return BY_TYPE[content.type](facts);
  const edit = editTarget(content);
  return edit === undefined ? judgeOther(facts) : judgeEdit(facts, edit);
}
