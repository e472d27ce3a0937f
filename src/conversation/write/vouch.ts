import { decode } from '../../events/decode.ts';
import { encodeMerge } from '../../events/encode.ts';
import type { Interaction } from '../../events/interaction.ts';
import { secondsAfter } from '../commit-time.ts';
import { ownDeviceFile } from '../decisions/take-part.ts';
import type { IsRevoked } from '../judge/judge-standing.ts';
import { findAuthor } from '../judge/signer.ts';
import { judgePrepared } from './judge-prepared.ts';
import { prepareCommit, writePrepared } from './prepare-commit.ts';
import { selfOf } from './self.ts';
import { followHead } from './work-tree.ts';
import type { WriterParts } from './writer.ts';

/**
 * Puts a commit on top of a head that a revoked device signed. It says nothing and shows nowhere, and whoever heard of the
 * revocation takes what is below it: a merge of the head and its own parent. Where this device has not committed before,
 * its certificate has to come along, which a merge may not bring; a commit with one parent and the text of a merge may, and
 * shows just as little. Undefined when there is nothing to vouch for, or when this device may not commit here.
 * The caller sees to it that nothing else is written meanwhile.
 */
export async function vouch(
  { repository, log, keys, clock }: WriterParts,
  { isRevoked, signal }: { readonly isRevoked: IsRevoked; readonly signal: AbortSignal },
): Promise<Interaction | undefined> {
  const head = log.head();
  const commit = await log.history.commit(head);
  const [parent] = commit.parents;
  const account = await findAuthor(log.history, commit, decode(commit.message));
  if (!parent || !account || !isRevoked({ account, device: commit.author.device })) return undefined;
  const edits = ownDeviceFile({ self: selfOf(keys), tree: log.tree() });
  const prepared = await prepareCommit(keys, {
    ...{ tree: log.tree(), edits, parents: edits.length > 0 ? [head] : [head, parent], message: encodeMerge(parent) },
    seconds: secondsAfter(clock, [commit.committer.seconds]),
  });
  const { flaws } = await judgePrepared({ ...log, objects: repository.objects }, prepared);
  if (flaws.length > 0) return undefined;
  await writePrepared(repository, prepared);
  await repository.moveHead({ from: head, to: prepared.commit.id });
  const [interaction] = await log.advance(prepared.commit.id, { signal });
  if (edits.length > 0) await followHead(repository);
  return interaction;
}
