import { type AuthoredFacts, type CommitFacts, editTarget, isAuthored } from './commit-facts.ts';
import { judgeCheckpoint } from './document.ts';
import { judgeEdit } from './edit.ts';
import { judgeInitial } from './initial.ts';
import { judgeMember } from './member.ts';
import { judgeMerge } from './merge.ts';
import { judgeOther } from './other.ts';
import { judgeProfile } from './profile.ts';
import { type Flaw, flaw } from './rule.ts';
import { judgeIdentity } from './signature.ts';
import { judgeVote } from './vote.ts';

/**
 * What is wrong with a commit, its signature left aside (`judgeSignature`): at most one flaw in what it does, and one in
 * who does it. The rules of what it does need its author; without one only that is reported.
 */
export function judge(facts: CommitFacts): readonly Flaw[] {
  return [judgeParents(facts), judgeIdentity(facts)].filter((found) => found !== undefined);
}

/** R3: the number of parents says what a commit is. */
function judgeParents(facts: CommitFacts): Flaw | undefined {
  const { length } = facts.commit.parents;
  if (length > 1) return judgeMerge(facts);
  if (!isAuthored(facts)) return length === 1 ? judgeType(facts) : undefined;
  return length === 0 ? judgeInitial(facts) : (judgeType(facts) ?? judgeByType(facts));
}

/** R7: other readers fail on these values and then see no type at all. */
function judgeType({ content }: CommitFacts): Flaw | undefined {
  if (content.outcome === 'merge') return undefined;
  if (content.type === '') return flaw('R7', content.outcome === 'malformed' ? content.reason : 'the type is empty');
  const { mode, totalSize } = content.raw ?? {};
  if (mode !== undefined && typeof mode !== 'number') return flaw('R7', 'its mode is no number');
  if (totalSize !== undefined && !/^[0-9]+/.test(String(totalSize))) return flaw('R7', 'its totalSize is no number');
  return undefined;
}

function judgeByType(facts: AuthoredFacts): Flaw | undefined {
  const edit = editTarget(facts.content);
  switch (facts.content.type) {
    case 'vote':
      return judgeVote(facts);
    case 'member':
      return judgeMember(facts);
    case 'application/update-profile':
      return judgeProfile(facts);
    case 'application/checkpoint':
      return judgeCheckpoint(facts);
    default:
      return edit === undefined ? judgeOther(facts) : judgeEdit(facts, edit);
  }
}
