import type { Tree, TreeFile } from './tree.ts';

/** One path that two trees disagree on. At least one side is there. */
export interface Change {
  readonly path: string;
  readonly before: TreeFile | undefined;
  readonly after: TreeFile | undefined;
}

/**
 * The real difference of two trees, an absent tree being empty: every path whose content or mode differs, sorted by path.
 * Subtrees with one id are not entered. A file that gives way to a directory is a removal and additions.
 */
export function changesBetween(before: Tree | undefined, after: Tree | undefined): readonly Change[] {
  const changes: Change[] = [];
  compare(before, after, { prefix: '', changes });
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

interface Walk {
  readonly prefix: string;
  readonly changes: Change[];
}

function compare(before: Tree | undefined, after: Tree | undefined, { prefix, changes }: Walk): void {
  if (before?.id === after?.id) return;
  for (const name of namesOf(before, after)) {
    const [old, now] = [before?.entries.get(name), after?.entries.get(name)];
    const [oldFile, newFile] = [asFile(old), asFile(now)];
    if (oldFile?.id !== newFile?.id || oldFile?.mode !== newFile?.mode)
      changes.push({ path: prefix + name, before: oldFile, after: newFile });
    compare(asTree(old), asTree(now), { prefix: `${prefix}${name}/`, changes });
  }
}

function namesOf(before: Tree | undefined, after: Tree | undefined): Iterable<string> {
  return new Set([...(before?.entries.keys() ?? []), ...(after?.entries.keys() ?? [])]);
}

function asFile(entry: Tree | TreeFile | undefined): TreeFile | undefined {
  return entry?.kind === 'file' ? entry : undefined;
}

function asTree(entry: Tree | TreeFile | undefined): Tree | undefined {
  return entry?.kind === 'tree' ? entry : undefined;
}
