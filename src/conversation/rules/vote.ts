import { EMPTY_BLOB, fileAt } from '../tree/tree.ts';
import type { Change } from '../tree/tree-changes.ts';
import { adminPath, bannedPath, readPath, targetPath, type VotePath } from '../tree-path.ts';
import { isAddition, isOwnDeviceFile, strayChange } from './changed-files.ts';
import type { AuthoredFacts } from './commit-facts.ts';
import { type Flaw, flaw } from './rule.ts';

/** R9–R19: one admin's vote for a ban, or for the end of one. A vote without any change is empty and harmless (R9). */
export function judgeVote(facts: AuthoredFacts): Flaw | undefined {
  const { changes } = facts;
  if (changes.length === 0) return undefined;
  if (changes.length > 2) return flaw('R10', `it changes ${changes.length} files`);
  const isOwnDevice = isOwnDeviceFile(facts);
  const votes = changes.filter(({ path }) => path.startsWith('votes/'));
  const stray = strayChange('R11', changes, (change) => votes.includes(change) || isOwnDevice(change));
  if (stray) return stray;
  const [vote, ...more] = votes;
  if (!vote || more.length > 0) return flaw('R12', `it holds ${votes.length} vote files`);
  return judgeVoteFile(facts, vote);
}

function judgeVoteFile(facts: AuthoredFacts, change: Change): Flaw | undefined {
  const { signer, parentTree } = facts;
  const { path } = change;
  if (!fileAt(parentTree, adminPath(signer.uri))) return flaw('R13', `${signer.uri} is no admin`);
  const action = path.split('/')[1];
  if (action !== 'ban' && action !== 'unban') return flaw('R15', `${path} is a vote on neither`, path);
  const vote = readPath(path);
  if (vote.area !== 'votes') return flaw('R14', `${path} is no name of a vote`, path);
  if (vote.voter !== signer.uri) return flaw('R14', `${path} is the vote of somebody else`, path);
  if (!isAddition(change)) return flaw('R16', `${path} is not new`, path);
  if (change.after?.id !== EMPTY_BLOB) return flaw('R17', `${path} is not empty`, path);
  return vote.kind === 'devices' ? judgeDeviceTarget(facts, vote, path) : judgeMemberTarget(facts, vote, path);
}

function judgeMemberTarget({ signer, parentTree }: AuthoredFacts, vote: VotePath, path: string): Flaw | undefined {
  const { action, target } = vote;
  if (target === signer.uri) return flaw('R18', 'its author votes on themselves', path);
  const isThere = (['admins', 'members', 'invited'] as const).some((kind) =>
    fileAt(parentTree, targetPath(kind, target)),
  );
  return action === 'unban' || isThere ? undefined : flaw('R18', `${target} is not there to be banned`, path);
}

/** For the end of a ban the device's file stands among the banned ones; the format's other readers look for it in `devices` only. */
function judgeDeviceTarget({ signer, parentTree }: AuthoredFacts, vote: VotePath, path: string): Flaw | undefined {
  const { action, target } = vote;
  if (target === signer.device) return flaw('R19', 'the device votes on itself', path);
  const place = action === 'ban' ? targetPath('devices', target) : bannedPath('devices', target);
  const isThere = fileAt(parentTree, targetPath('devices', target)) ?? fileAt(parentTree, place);
  return isThere ? undefined : flaw('R19', `device ${target} is not there to be voted on`, path);
}
