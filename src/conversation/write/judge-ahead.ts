import type { LogState } from '../log/log-state.ts';
import { judgePrepared } from '../merge/merge-heads.ts';
import type { Repository } from '../repository/repository.ts';
import type { Flaw } from '../rules/rule.ts';
import { preparedFrom, type UnsignedCommit } from './prepare-commit.ts';

/**
 * What others will say of a commit on top of the head, found out while it is being signed. It has no signature and another id
 * then; of a commit with a parent no rule asks for its id, and its own signature is not in doubt.
 */
export function judgeAhead(
  { repository, log }: { readonly repository: Pick<Repository, 'objects'>; readonly log: LogState },
  unsigned: UnsignedCommit,
): Promise<readonly Flaw[]> {
  const judging = async () => judgePrepared({ ...log, objects: repository.objects }, preparedFrom(unsigned));
  const flaws = judging();
  // Nobody asks where it could not be signed.
  flaws.catch(() => {});
  return flaws;
}
