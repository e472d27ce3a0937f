import { SyncError } from '../../errors.ts';
import type { CommitId } from '../../ids.ts';
import { peelTag } from '../repository/objects/peel-tag.ts';
import type { Ref, RepositoryReader } from '../repository/repository.ts';

/** What a server advertises, and so what may be wanted from it. */
export interface Offer {
  readonly head: CommitId | undefined;
  /** The branch that `HEAD` stands for, where there is one. */
  readonly headBranch: string | undefined;
  readonly refs: readonly OfferedRef[];
}

export interface OfferedRef extends Ref {
  /** The commit that an annotated tag leads to. */
  readonly peeled?: CommitId;
}

export const MAIN = 'refs/heads/main';

/** A conversation is its one branch; whatever else a person keeps in the repository is nobody's business. */
export async function offerMain(repository: RepositoryReader): Promise<Offer> {
  return offerHead(await repository.head());
}

/** The branch of the conversation, as far as this commit. */
export function offerHead(head: CommitId | undefined): Offer {
  return { head, headBranch: MAIN, refs: head === undefined ? [] : [{ name: MAIN, id: head }] };
}

/** Branches and tags, as git's own daemon offers them; without those that lead to no commit. */
export async function offerBranchesAndTags(repository: RepositoryReader): Promise<Offer> {
  const head = await repository.head();
  const refs: OfferedRef[] = [];
  for (const ref of await repository.refs()) {
    const offered = /^refs\/(heads|tags)\//.test(ref.name) ? await offeredRef(repository, ref) : undefined;
    if (offered) refs.push(offered);
  }
  const branches = refs.filter(({ name, id }) => name.startsWith('refs/heads/') && id === head);
  return { head, headBranch: (branches.find(({ name }) => name === MAIN) ?? branches[0])?.name, refs };
}

async function offeredRef({ objects }: RepositoryReader, ref: Ref): Promise<OfferedRef | undefined> {
  const peeled = await peelTag(objects, ref.id);
  if (peeled === undefined) return undefined;
  return peeled.commit === ref.id ? ref : { ...ref, peeled: peeled.commit };
}

/** Whether somebody who saw the offer may ask for that. Throws PROTOCOL_BROKEN otherwise. */
export function requireOffered({ head, refs }: Offer, id: string): void {
  if (id === head || refs.some((ref) => ref.id === id)) return;
  const detail = `it wants ${JSON.stringify(id.slice(0, 40))}, which was not offered`;
  throw new SyncError('PROTOCOL_BROKEN', { protocol: 'git', detail });
}
