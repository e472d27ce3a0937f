/**
 * Makes commits that no honest device would write: any files, any text, any signature, on any parents.
 * What it makes lies in memory and is read like any other source.
 */
import { type Commit, formatUnsigned, insertSignature, parseCommit } from '../../../src/conversation/commit.ts';
import { walkHistory } from '../../../src/conversation/judge/walk-history.ts';
import { createHistoryReader } from '../../../src/conversation/log/history-reader.ts';
import { mergeTrees } from '../../../src/conversation/merge/merge-trees.ts';
import { readMergeBase } from '../../../src/conversation/merge/read-merge-base.ts';
import { objectIdOf } from '../../../src/conversation/repository/objects/object-id.ts';
import type {
  GitObject,
  Objects,
  ObjectType,
  RepositoryReader,
} from '../../../src/conversation/repository/repository.ts';
import { editTree, type TreeEdit } from '../../../src/conversation/tree/edit-tree.ts';
import type { Tree } from '../../../src/conversation/tree/tree.ts';
import { adminPath, devicePath, memberPath } from '../../../src/conversation/tree-path.ts';
import { selfOf } from '../../../src/conversation/write/self.ts';
import { SyncError } from '../../../src/errors.ts';
import { canonicalJson } from '../../../src/events/canonical-json.ts';
import { encodeMerge } from '../../../src/events/encode.ts';
import type { DeviceKeys } from '../../../src/identity/identity.ts';
import { CommitId, type ObjectId } from '../../../src/ids.ts';
import { TEST_NOW } from '../identity/accounts.ts';

/** File contents by path; undefined takes a file away. */
export type Files = Readonly<Record<string, string | Uint8Array | undefined>>;

export interface Forging {
  readonly by: DeviceKeys;
  /** The body as an object, or the whole text. */
  readonly says: object | string;
  readonly files?: Files;
  /** The last forged commit by default. */
  readonly on?: readonly CommitId[];
  /** Files that lie in the forge already; undone or overwritten by `files`. */
  readonly edits?: readonly TreeEdit[];
  /** Of whose tree the files are changes; the first parent by default. */
  readonly treeOf?: CommitId;
  /** The tree, whatever is in it, in place of the one that the files make. */
  readonly tree?: ObjectId;
  /** Another device's key under this author's name. */
  readonly signedWith?: DeviceKeys;
  /** Changes the signed object before it is stored. */
  readonly tamper?: (bytes: Buffer) => Uint8Array;
  /** Since the Unix epoch. */
  readonly seconds?: number;
}

export class Forge {
  readonly objects = new Map<string, GitObject>();
  readonly #trees = new Map<CommitId, Tree>();
  #head: CommitId | undefined;
  #seconds = TEST_NOW / 1000 + 1000;

  get head(): CommitId {
    if (!this.#head) throw new TypeError('nothing was forged yet');
    return this.#head;
  }

  put(type: ObjectType, bytes: Uint8Array) {
    const id = objectIdOf(type, bytes);
    this.objects.set(id, { type, bytes });
    return id;
  }

  async commit(forging: Forging): Promise<CommitId> {
    const { by, says, files = {}, on = this.#head ? [this.#head] : [], signedWith = by } = forging;
    const from = forging.treeOf ?? on[0];
    // Of two edits of one path the first holds: files have the last word over what else was to be done.
    const { tree, objects } = editTree(from && this.#trees.get(from), [
      ...this.#putFiles(files),
      ...(forging.edits ?? []),
    ]);
    for (const object of objects) this.put('tree', object);
    const unsigned = formatUnsigned({
      tree: forging.tree ?? tree.id,
      parents: on,
      author: { name: by.name, device: by.device, seconds: forging.seconds ?? ++this.#seconds },
      message: typeof says === 'string' ? says : canonicalJson(says),
    });
    const signed = insertSignature(unsigned, await signedWith.sign(unsigned));
    const id = CommitId.parse(this.put('commit', forging.tamper?.(Buffer.from(signed)) ?? signed));
    this.#trees.set(id, tree);
    this.#head = id;
    return id;
  }

  /** A group founded by `by`. */
  found(by: DeviceKeys, files: Files = {}): Promise<CommitId> {
    return this.commit({ by, says: { type: 'initial', mode: 2 }, files: { ...adminFiles(by), ...files }, on: [] });
  }

  say(by: DeviceKeys, body: string, files: Files = {}): Promise<CommitId> {
    return this.commit({ by, says: { type: 'text/plain', body }, files });
  }

  invite(by: DeviceKeys, who: DeviceKeys): Promise<CommitId> {
    const says = { type: 'member', action: 'add', uri: who.account };
    return this.commit({ by, says, files: { [`invited/${who.account}`]: '' } });
  }

  join(who: DeviceKeys): Promise<CommitId> {
    const says = { type: 'member', action: 'join', uri: who.account };
    return this.commit({ by: who, says, files: { [`invited/${who.account}`]: undefined, ...memberFiles(who) } });
  }

  /** What an honest device makes of two heads; the files are what a dishonest one changes about it. */
  async merge(by: DeviceKeys, [ours, theirs]: readonly [CommitId, CommitId], files: Files = {}): Promise<CommitId> {
    const history = createHistoryReader(this.reader());
    const { signal } = new AbortController();
    const { graph: known } = await walkHistory(history, ours, { signal });
    const { graph } = await walkHistory(history, theirs, { known, signal });
    const base = await readMergeBase({ history, graph }, ours, theirs);
    const edits = mergeTrees(
      base,
      { head: ours, tree: this.treeAt(ours) },
      { head: theirs, tree: this.treeAt(theirs) },
    );
    return this.commit({ by, says: encodeMerge(theirs), on: [ours, theirs], edits, files });
  }

  treeAt(id: CommitId): Tree {
    const tree = this.#trees.get(id);
    if (!tree) throw new TypeError(`${id} was not forged here`);
    return tree;
  }

  /** Goes back: the next commit is made on this one. */
  rewindTo(id: CommitId): void {
    this.#head = id;
  }

  read(id: CommitId): Commit {
    const object = this.objects.get(id);
    const read = parseCommit(id, object?.bytes ?? new Uint8Array());
    if (read.outcome === 'malformed') throw new TypeError(read.reason);
    return read.commit;
  }

  #putFiles(files: Files): readonly TreeEdit[] {
    return Object.entries(files).map(([path, content]) => ({
      path,
      blob: content === undefined ? undefined : this.put('blob', Buffer.from(content)),
    }));
  }

  reader(): RepositoryReader {
    return memoryReader(this.objects, () => this.#head);
  }
}

export function adminFiles(who: DeviceKeys): Files {
  return { [adminPath(who.account)]: selfOf(who).accountCertificate, ...deviceFiles(who) };
}

export function memberFiles(who: DeviceKeys): Files {
  return { [memberPath(who.account)]: selfOf(who).accountCertificate, ...deviceFiles(who) };
}

export function deviceFiles(who: DeviceKeys): Files {
  return { [devicePath(who.device)]: selfOf(who).deviceCertificate };
}

/** A source in memory. Like a real one it notices an object whose bytes are not those of its id. */
export function memoryReader(
  objects: ReadonlyMap<string, GitObject>,
  head: () => CommitId | undefined,
): RepositoryReader {
  const store: Objects = {
    async read(id) {
      const object = objects.get(id);
      if (!object) throw new SyncError('OBJECT_MISSING', { id, path: 'memory' });
      if (objectIdOf(object.type, object.bytes) !== id)
        throw new SyncError('OBJECT_CORRUPT', { id, path: 'memory', detail: 'its bytes have another id' });
      return object;
    },
    has: async (id) => objects.has(id),
  };
  return {
    path: 'memory',
    objects: store,
    head: async () => head(),
    refs: async () => [],
    async [Symbol.asyncDispose]() {},
  };
}
