/**
 * The only door to isomorphic-git: reading references, whatever git has made of them. It takes a tenth of a second to load, in one
 * turn of the event loop, and 20 MB; so it is loaded when it is needed, and references as we write them are read without it.
 */
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { errorCodeOf } from '../../error-code.ts';
import { fileFailure } from '../../errors.ts';
import { CommitId } from '../../ids.ts';
import type { Ref } from './repository.ts';

const isomorphicGit = () => import('isomorphic-git');

/** The commit a reference leads to, through symbolic and packed references; undefined when it leads nowhere yet. */
export async function resolveRef(gitDirectory: string, name: string): Promise<CommitId | undefined> {
  try {
    const plain = await plainRef(gitDirectory, name);
    if (plain !== 'other') return plain;
    const git = await isomorphicGit();
    const id = await git.resolveRef({ fs: { promises: fs }, gitdir: gitDirectory, ref: name });
    return CommitId.safeParse(id).data;
  } catch (error) {
    if (errorCodeOf(error) === 'NotFoundError') return undefined;
    throw fileFailure(join(gitDirectory, name), error);
  }
}

const TO_BRANCH = /^ref: (refs\/heads\/[\w-]+)$/;

/** What nearly all references are: an id, in a file of its own or among the packed ones, and HEAD one that names a branch. */
async function plainRef(gitDirectory: string, name: string): Promise<CommitId | 'other' | undefined> {
  const read = async (file: string) =>
    (await fs.readFile(join(gitDirectory, file), 'latin1').catch(noneYet))?.trimEnd();
  const text = await read(name);
  const branch = TO_BRANCH.exec(text ?? '')?.[1];
  const id = (branch === undefined ? text : await read(branch)) ?? packedId(await read('packed-refs'), branch ?? name);
  return id === undefined ? undefined : (CommitId.safeParse(id).data ?? 'other');
}

/** Each line of `packed-refs` is an id and a name, but for comments and what tags lead to. */
function packedId(packed = '', name: string): string | undefined {
  const line = packed.split('\n').find((found) => found.endsWith(` ${name}`) && /^[0-9a-f]/.test(found));
  return line?.slice(0, -1 - name.length);
}

/** Undefined for a file that is not there. */
function noneYet(error: unknown): string | undefined {
  return errorCodeOf(error) === 'ENOENT' ? undefined : '';
}

/** Every reference that names an object, by name. */
export async function listRefs(gitDirectory: string): Promise<readonly Ref[]> {
  const git = await isomorphicGit();
  const names = await git.listRefs({ fs: { promises: fs }, gitdir: gitDirectory, filepath: 'refs' });
  const refs: Ref[] = [];
  for (const name of names.map((rest) => `refs/${rest}`).toSorted()) {
    const id = name.endsWith('.lock') ? undefined : await resolveRef(gitDirectory, name);
    if (id !== undefined) refs.push({ name, id });
  }
  return refs;
}
