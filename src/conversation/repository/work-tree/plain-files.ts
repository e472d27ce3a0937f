import { SyncError } from '../../../errors.ts';
import type { ObjectId } from '../../../ids.ts';
import { parseTree } from '../objects/tree.ts';
import type { Objects } from '../repository.ts';

/** A file of a tree, by its path from the tree's root. */
export interface PlainFile {
  readonly path: string;
  readonly isExecutable: boolean;
  readonly id: ObjectId;
}

interface FilesOf {
  readonly tree: ObjectId;
  /** How deep directories may be nested. */
  readonly depth: number;
  /** In front of each path. */
  readonly prefix?: string;
}

/**
 * All files of a tree, in no order that counts. A tree that holds anything but files and directories is put on no disk: through
 * a symbolic link, the next file would be written outside of the work tree. Throws MALFORMED, OBJECT_MISSING, OBJECT_CORRUPT.
 */
export async function plainFiles(
  objects: Pick<Objects, 'read'>,
  { tree, depth, prefix = '' }: FilesOf,
): Promise<readonly PlainFile[]> {
  if (depth === 0) throw malformed('its directories are nested too deep');
  const files: PlainFile[] = [];
  for (const { mode, name, id } of parseTree((await objects.read(tree)).bytes)) {
    const path = `${prefix}${name}`;
    if (mode === '40000') {
      files.push(...(await plainFiles(objects, { tree: id, depth: depth - 1, prefix: `${path}/` })));
    } else if (mode === '100644' || mode === '100755') {
      files.push({ path, isExecutable: mode === '100755', id });
    } else throw malformed(`"${name}" is neither a file nor a directory`);
  }
  return files;
}

function malformed(detail: string): SyncError {
  return new SyncError('MALFORMED', { what: 'git tree', detail });
}
