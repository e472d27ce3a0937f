/** Git objects for tests: in memory, with commits that are made in one line. */
import { commitLinks } from '../../../src/conversation/repository/objects/commit-links.ts';
import { objectIdOf } from '../../../src/conversation/repository/objects/object-id.ts';
import { formatTree, parseTree, type TreeEntry } from '../../../src/conversation/repository/objects/tree.ts';
import type { GitObject, Objects, ObjectType } from '../../../src/conversation/repository/repository.ts';
import { SyncError } from '../../../src/errors.ts';
import { asCommitId } from '../../../src/id-bytes.ts';
import type { CommitId, ObjectId } from '../../../src/ids.ts';

/** Where objects can be put: the memory below, or a repository. */
export interface ObjectSink {
  write(type: ObjectType, bytes: Uint8Array): Promise<ObjectId>;
}

export interface MemoryObjects extends Objects, ObjectSink {
  readonly all: ReadonlyMap<string, GitObject>;
}

export function memoryObjects(): MemoryObjects {
  const all = new Map<string, GitObject>();
  return {
    all,
    async read(id) {
      const object = all.get(id);
      if (object) return object;
      throw new SyncError('OBJECT_MISSING', { id, path: 'memory' });
    },
    has: async (id) => all.has(id),
    async write(type, bytes) {
      const id = objectIdOf(type, bytes);
      all.set(id, { type, bytes });
      return id;
    },
  };
}

/** A directory of a test's tree: text is a file, an object is a directory. */
export interface Files {
  readonly [name: string]: string | Files;
}

export async function writeTree(sink: ObjectSink, files: Files): Promise<ObjectId> {
  const entries: TreeEntry[] = [];
  for (const [name, content] of Object.entries(files)) {
    if (typeof content === 'string')
      entries.push({ mode: '100644', name, id: await sink.write('blob', Buffer.from(content)) });
    else entries.push({ mode: '40000', name, id: await writeTree(sink, content) });
  }
  return sink.write('tree', formatTree(entries));
}

export interface TestCommit {
  readonly parents?: readonly CommitId[];
  readonly files?: Files;
  readonly message?: string;
  /** Seconds since the Unix epoch. */
  readonly at?: number;
}

export async function writeCommit(sink: ObjectSink, commit: TestCommit): Promise<CommitId> {
  const { parents = [], files = { a: 'a' }, message = 'a message', at = 1_700_000_000 } = commit;
  const tree = await writeTree(sink, files);
  const lines = [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author Alice <alice@example.org> ${at} +0000`,
    `committer Alice <alice@example.org> ${at} +0000`,
  ];
  return asCommitId(await sink.write('commit', Buffer.from(`${lines.join('\n')}\n\n${message}\n`)));
}

/** A straight history; returns its commits, oldest first. Each adds a file and changes another. */
export async function writeHistory(sink: ObjectSink, length: number, from?: CommitId): Promise<CommitId[]> {
  const commits: CommitId[] = [];
  for (let place = 0; place < length; place++) {
    const last = commits.at(-1) ?? from;
    commits.push(
      await writeCommit(sink, {
        parents: last === undefined ? [] : [last],
        files: {
          counter: `${place} of ${length} after ${from ?? 'nothing'}`,
          members: { [`member-${place % 7}`]: `key ${place % 7}` },
        },
        message: `message ${place}`,
        at: 1_700_000_000 + place,
      }),
    );
  }
  return commits;
}

/** Every id reachable from a commit: what a clone must hold. */
export async function reachableFrom(objects: Objects, start: CommitId): Promise<Set<string>> {
  const seen = new Set<string>();
  const waiting: (CommitId | ObjectId)[] = [start];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const { type, bytes } = await objects.read(id);
    if (type === 'commit') waiting.push(commitLinks(bytes).tree, ...commitLinks(bytes).parents);
    if (type === 'tree') waiting.push(...parseTree(bytes).map((entry) => entry.id));
  }
  return seen;
}
