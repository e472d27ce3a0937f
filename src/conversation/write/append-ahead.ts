import type { LogState } from '../log/log-state.ts';
import type { Repository } from '../repository/repository.ts';
import { type Judged, judgePrepared } from './judge-prepared.ts';
import { type PreparedCommit, preparedFrom, type SignedCommit, type UnsignedCommit } from './prepare-commit.ts';

/** A commit that is being signed, and appended meanwhile. */
export interface AppendedAhead {
  readonly unsigned: UnsignedCommit;
  readonly signing: Promise<SignedCommit>;
}

/** What has been begun of a commit before it was signed. */
export interface Begun {
  readonly prepared: PreparedCommit;
  readonly judged: Promise<Judged>;
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
  const prepared = preparedFrom(unsigned);
  // It has no signature and another id now. Of a commit with a parent no rule asks for its id, and its own signature is not in doubt.
  const judged = judgePrepared({ ...parts.log, objects: parts.repository.objects }, prepared);
  const from = parts.log.head();
  const signed = signing.then(({ id, bytes }) => ({ to: id, commit: { type: 'commit' as const, bytes } }));
  const append = async () => {
    if ((await judged).flaws.length > 0) return;
    await parts.repository.appendUnsigned({ from, objects: prepared.objects, signed });
  };
  const appended = append();
  // Nobody asks where it could not be signed.
  for (const promise of [judged, signed, appended]) promise.catch(() => {});
  return { prepared, judged, appended };
}
