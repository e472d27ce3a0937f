/**
 * The only door to isomorphic-git: founding a repository, reading references, checking out.
 * It writes files in place, so it is given a file system whose writes are atomic.
 */
import * as fs from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { constants, deflate, type ZlibOptions } from 'node:zlib';
import { flushTree, writeDurably } from '../../durable-file-adapter.ts';
import { errorCodeOf } from '../../error-code.ts';
import { fileFailure } from '../../errors.ts';
import { idFromText } from '../../id-bytes.ts';
import { CommitId } from '../../ids.ts';
import { frameHeader } from './objects/object-frame.ts';
import type { Objects, Ref } from './repository.ts';

/** Loaded when it is needed: it takes a tenth of a second and 20 MB, and a repository that is there is opened without it. */
const isomorphicGit = () => import('isomorphic-git');

/** Founds `<directory>/.git` with HEAD on `refs/heads/main`. An existing repository is left as it is. */
export async function initRepository(directory: string): Promise<void> {
  const gitDirectory = join(directory, '.git');
  try {
    await fs.mkdir(gitDirectory, { recursive: true });
    const { init } = await isomorphicGit();
    await init({ fs: atomicFs(gitDirectory), dir: directory, gitdir: gitDirectory, defaultBranch: 'main' });
  } catch (error) {
    throw fileFailure(directory, error);
  }
}

/** The commit a reference leads to, through symbolic and packed references; undefined when it leads nowhere yet. */
export async function resolveRef(gitDirectory: string, name: string): Promise<CommitId | undefined> {
  try {
    const plain = await plainRef(gitDirectory, name);
    if (plain !== undefined) return plain;
    const git = await isomorphicGit();
    const id = await git.resolveRef({ fs: atomicFs(gitDirectory), gitdir: gitDirectory, ref: name });
    return CommitId.safeParse(id).data;
  } catch (error) {
    if (errorCodeOf(error) === 'NotFoundError') return undefined;
    throw fileFailure(join(gitDirectory, name), error);
  }
}

const TO_MAIN = 'ref: refs/heads/main';

/** What nearly all references are: a file with an id, and HEAD one that names the file of the only branch. */
async function plainRef(gitDirectory: string, name: string): Promise<CommitId | undefined> {
  const read = async (ref: string) => (await fs.readFile(join(gitDirectory, ref), 'latin1').catch(() => '')).trimEnd();
  const text = await read(name);
  return CommitId.safeParse(text === TO_MAIN ? await read('refs/heads/main') : text).data;
}

/** Every reference that names an object, by name. */
export async function listRefs(gitDirectory: string): Promise<readonly Ref[]> {
  const git = await isomorphicGit();
  const names = await git.listRefs({ fs: atomicFs(gitDirectory), gitdir: gitDirectory, filepath: 'refs' });
  const refs: Ref[] = [];
  for (const name of names.map((rest) => `refs/${rest}`).toSorted()) {
    const id = name.endsWith('.lock') ? undefined : await resolveRef(gitDirectory, name);
    if (id !== undefined) refs.push({ name, id });
  }
  return refs;
}

/** Makes the work tree and the index look like the head, from these objects. */
export async function checkOutHead(directory: string, objects: Pick<Objects, 'read'>): Promise<void> {
  const gitDirectory = join(directory, '.git');
  try {
    const { checkout } = await isomorphicGit();
    await checkout({ fs: objectsFs(gitDirectory, objects), dir: directory, gitdir: gitDirectory, force: true });
  } catch (error) {
    throw fileFailure(directory, firstOf(error));
  }
}

/** Writes down where a repository was cloned from, as `git clone` does, so that `git fetch` in it asks there. */
export async function nameOrigin(
  directory: string,
  { url, head }: { readonly url: string; readonly head: CommitId },
): Promise<void> {
  const gitDirectory = join(directory, '.git');
  const repository = { fs: atomicFs(gitDirectory), dir: directory, gitdir: gitDirectory };
  try {
    const { addRemote, setConfig, writeRef } = await isomorphicGit();
    await addRemote({ ...repository, remote: 'origin', url });
    await setConfig({ ...repository, path: 'branch.main.remote', value: 'origin' });
    await setConfig({ ...repository, path: 'branch.main.merge', value: 'refs/heads/main' });
    await writeRef({ ...repository, ref: 'refs/remotes/origin/main', value: head });
  } catch (error) {
    throw fileFailure(directory, error);
  }
}

/** A checkout collects what keeps it from writing each of its files. */
function firstOf(error: unknown): unknown {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors) ? error.errors[0] : error;
}

/**
 * As `atomicFs`, where each object seems to lie in a file of its own. By itself the library reads whole packs into memory, and their
 * indexes in one turn of the event loop: a tenth of a second for 100,000 commits. Whatever cannot be read it looks for in packs after all.
 */
function objectsFs(gitDirectory: string, objects: Pick<Objects, 'read'>) {
  const { promises } = atomicFs(gitDirectory);
  async function readFile(path: string, options?: Parameters<typeof fs.readFile>[1]): Promise<Buffer | string> {
    const [, start, end] = LOOSE_OBJECT.exec(relative(gitDirectory, path)) ?? [];
    const id = start && end && idFromText(start + end);
    if (!id) return promises.readFile(path, options);
    const { type, bytes } = await objects.read(id);
    return deflated(Buffer.concat([frameHeader(type, bytes.byteLength), bytes]), { level: constants.Z_NO_COMPRESSION });
  }
  return { promises: { ...promises, readFile } };
}

const LOOSE_OBJECT = /^objects\/(..)\/(.{38})$/;
const deflated = promisify<Buffer, ZlibOptions, Buffer>(deflate);

/** Node's file system, with writes that are there whole or not at all. */
function atomicFs(gitDirectory: string) {
  async function writeFile(
    path: string,
    bytes: Uint8Array | string,
    options?: string | { mode?: number },
  ): Promise<void> {
    const mode = typeof options === 'object' ? options.mode : undefined;
    // An index that is ahead of the work tree would forget files that a power failure brings back.
    if (path === join(gitDirectory, 'index'))
      await flushTree(dirname(gitDirectory), { except: basename(gitDirectory) });
    await writeDurably(path, bytes, { temporaryIn: gitDirectory, ...(mode !== undefined && { mode }) });
  }
  const { readFile, unlink, readdir, mkdir, rmdir, stat, lstat, readlink, symlink, chmod } = fs;
  return { promises: { readFile, writeFile, unlink, readdir, mkdir, rmdir, stat, lstat, readlink, symlink, chmod } };
}
