import type { LogState } from '../log/log-state.ts';
import type { Repository } from '../repository/repository.ts';
import type { Flaw } from '../rules/rule.ts';
import { judgeAhead } from './judge-ahead.ts';
import { objectsOf, type SignedCommit, type UnsignedCommit } from './prepare-commit.ts';

/** A commit that is being signed, and appended meanwhile. */
export interface AppendedAhead {
  readonly unsigned: UnsignedCommit;
  readonly signing: Promise<SignedCommit>;
}

/** What has been begun of a commit before it was signed. */
export interface Begun {
  readonly flaws: Promise<readonly Flaw[]>;
  readonly appended: Promise<void>;
}

/**
 * Judges a commit on top of the head and appends it while it is being signed, so that little is left to do when it is. One that others
 * would refuse is not appended; who stores it is told why. `appended` fails as `Repository.appendUnsigned`.
 */
export function appendAhead(
  parts: { readonly repository: Pick<Repository, 'objects' | 'appendUnsigned'>; readonly log: LogState },
  { unsigned, signing }: AppendedAhead,
): Begun {
  const flaws = judgeAhead(parts, unsigned);
  const from = parts.log.head();
  const signed = signing.then(({ id, bytes }) => ({ to: id, commit: { type: 'commit' as const, bytes } }));
  const append = async () => {
    if ((await flaws).length > 0) return;
    await parts.repository.appendUnsigned({ from, objects: objectsOf(unsigned), signed });
  };
  const appended = append();
  // Nobody asks where it could not be signed.
  for (const promise of [signed, appended]) promise.catch(() => {});
  return { flaws, appended };
}
