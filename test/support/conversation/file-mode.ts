/** Trees as no writer of ours makes them: with a file that is a program, or a link. */
import { formatTree, type TreeEntry, type TreeMode } from '../../../src/conversation/repository/objects/tree.ts';
import type { Tree, TreeFile } from '../../../src/conversation/tree/tree.ts';
import type { ObjectId } from '../../../src/ids.ts';
import type { Forge } from './forge.ts';

/** The head's tree with one file, two levels down, in another mode. */
export function treeWithMode(forge: Forge, path: string, mode: TreeMode): ObjectId {
  const [folder = '', name = ''] = path.split('/');
  const put = (tree: Tree, of: (name: string, entry: Tree | TreeFile) => TreeEntry) =>
    forge.put('tree', formatTree([...tree.entries].map(([each, entry]) => of(each, entry))));
  const asItIs = (each: string, entry: Tree | TreeFile): TreeEntry => ({
    ...{ name: each, id: entry.id },
    mode: entry.kind === 'tree' ? '40000' : (entry.mode as TreeMode),
  });
  const root = forge.treeAt(forge.head);
  const below = root.entries.get(folder);
  if (below?.kind !== 'tree') throw new TypeError(`${folder} is a folder`);
  const changed = put(below, (each, entry) => ({ ...asItIs(each, entry), ...(each === name && { mode }) }));
  return put(root, (each, entry) => ({ ...asItIs(each, entry), ...(each === folder && { id: changed }) }));
}
