import type { CommitId } from '../../ids.ts';
import { readFounding } from '../log/founding.ts';
import { createHistoryReader } from '../log/history-reader.ts';
import type { RepositoryReader } from '../repository/repository.ts';
import { type Membership, readMembership } from './membership.ts';

/**
 * Who takes part at a head of a source whose history begins with `first`, as the rules have it. Throws OBJECT_MISSING,
 * OBJECT_CORRUPT.
 */
export async function headMembership(
  source: RepositoryReader,
  { first, head }: { readonly first: CommitId; readonly head: CommitId },
): Promise<Membership> {
  const history = createHistoryReader(source);
  const tree = await history.trees.read((await history.commit(head)).tree);
  return readMembership(history, tree, await readFounding(history, first));
}
