import { join } from 'node:path';
import { listRefs, resolveRef } from './isomorphic-git-adapter.ts';
import { openStoredObjects, type StoredObjects } from './objects/stored-objects-adapter.ts';
import type { RepositoryReader } from './repository.ts';

/** A git directory opened for reading, with the parts that a writer needs beside. */
export interface GitDirectory extends RepositoryReader {
  readonly objects: StoredObjects;
}

/** `path` is what messages name; `gitDirectory` holds `HEAD` and `objects`. Writes nothing. */
export async function openGitDirectory(path: string, gitDirectory: string): Promise<GitDirectory> {
  const objects = await openStoredObjects(join(gitDirectory, 'objects'), path);
  return {
    path,
    objects,
    packs: objects.packs.places,
    head: async () => (await resolveRef(gitDirectory, 'HEAD')) ?? (await resolveRef(gitDirectory, 'refs/heads/main')),
    refs: () => listRefs(gitDirectory),
    [Symbol.asyncDispose]: () => objects[Symbol.asyncDispose](),
  };
}
