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
  /** Whether all references of the repository are offered. */
  readonly isAll?: boolean;
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
  const all = await repository.refs();
  for (const ref of all) {
    const offered = /^refs\/(heads|tags)\//.test(ref.name) ? await offeredRef(repository, ref) : undefined;
    if (offered) refs.push(offered);
  }
  const branches = refs.filter(({ name, id }) => name.startsWith('refs/heads/') && id === head);
  const headBranch = (branches.find(({ name }) => name === MAIN) ?? branches[0])?.name;
  return { head, headBranch, refs, isAll: all.every(({ id }) => isOffered({ head, refs }, id)) };
}

async function offeredRef({ objects }: RepositoryReader, ref: Ref): Promise<OfferedRef | undefined> {
  const peeled = await peelTag(objects, ref.id);
  if (peeled === undefined) return undefined;
  return peeled.commit === ref.id ? ref : { ...ref, peeled: peeled.commit };
}

/** Whether somebody who saw the offer may ask for that. Throws PROTOCOL_BROKEN otherwise. */
export function requireOffered(offer: Offer, id: string): void {
  if (isOffered(offer, id)) return;
  const detail = `it wants ${JSON.stringify(id.slice(0, 40))}, which was not offered`;
  throw new SyncError('PROTOCOL_BROKEN', { protocol: 'git', detail });
}

function isOffered({ head, refs }: Pick<Offer, 'head' | 'refs'>, id: string): boolean {
  return id === head || refs.some((ref) => ref.id === id);
}

/** Whether these are all that the repository's references lead to. */
export function isEverything({ head, refs, isAll = false }: Offer, wants: readonly CommitId[]): boolean {
  const wanted = new Set(wants);
  return isAll && head !== undefined && [head, ...refs.map(({ id }) => id)].every((id) => wanted.has(id));
}
