import { SyncError } from '../../../errors.ts';
import type { ObjectId } from '../../../ids.ts';
import type { Objects } from '../repository.ts';
import { parseTree } from './tree.ts';

/**
 * Refuses to put a tree on disk that holds anything but files and directories: through a symbolic link,
 * the next file would be written outside of the work tree. Throws MALFORMED, OBJECT_MISSING, OBJECT_CORRUPT.
 */
export async function requirePlainTree(
  objects: Objects,
  { tree, depth }: { readonly tree: ObjectId; readonly depth: number },
): Promise<void> {
  if (depth === 0)
    throw new SyncError('MALFORMED', { what: 'git tree', detail: 'its directories are nested too deep' });
  for (const { mode, name, id } of parseTree((await objects.read(tree)).bytes)) {
    if (mode === '40000') await requirePlainTree(objects, { tree: id, depth: depth - 1 });
    else if (mode !== '100644' && mode !== '100755') {
      throw new SyncError('MALFORMED', { what: 'git tree', detail: `"${name}" is neither a file nor a directory` });
    }
  }
}
