/**
 * Clones from a hostile server: everything is signed as it should be and wrong in one point. Each is refused in words, by the
 * rule or limit that it breaks, and nothing of it is left.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { objectIdOf } from '../../src/conversation/repository/objects/object-id.ts';
import type { Rule } from '../../src/conversation/rules/rule.ts';
import { cloneFrom } from '../../src/engine/commits/clone-from.ts';
import type { FailureCode } from '../../src/errors.ts';
import { idToBytes } from '../../src/id-bytes.ts';
import type { DeviceKeys } from '../../src/identity/identity.ts';
import { CommitId, type ObjectId } from '../../src/ids.ts';
import { COMMIT_HEADER_BYTES, GIT_OBJECT_BYTES, PACK_OBJECTS, TREE_DEPTH } from '../../src/limits.ts';
import { deviceFiles, Forge } from '../support/conversation/forge.ts';
import { temporaryDirectory } from '../support/folders/temporary-directory.ts';
import { servingPack } from '../support/git/hostile-git.ts';
import { idDeltaEntry, packOf, wholeEntry } from '../support/git/packs.ts';
import { testAccount } from '../support/identity/accounts.ts';
import { thrownBy } from '../support/thrown.ts';

let alice: DeviceKeys;
beforeAll(async () => {
  alice = await testAccount('alice');
});

/** Refused with that code; and where it was to stand, nothing does. */
async function refusedClone<Code extends FailureCode>(code: Code, head: string, pack: Uint8Array) {
  const folder = await temporaryDirectory();
  const url = await servingPack(head, pack);
  const refused = await thrownBy(code, () => cloneFrom(url, join(folder, 'a/b')));
  expect(await readdir(folder)).toEqual([]);
  return refused;
}

const packed = (forge: Forge) => packOf([...forge.objects.values()].map(({ type, bytes }) => wholeEntry(type, bytes)));

/** One entry of a tree, as it stands in the object. */
const entry = (mode: string, name: string, id: string) =>
  Buffer.concat([Buffer.from(`${mode} ${name}\0`), idToBytes(id as ObjectId)]);

/** The root tree of the last commit with other entries before or behind its own. */
function treeWith(
  forge: Forge,
  { before = [], behind = [] }: { before?: readonly Buffer[]; behind?: readonly Buffer[] },
) {
  const root = forge.objects.get(forge.treeAt(forge.head).id)?.bytes ?? Buffer.alloc(0);
  return forge.put('tree', Buffer.concat([...before, root, ...behind]));
}

describe('a signed commit over', () => {
  const BLOB = objectIdOf('blob', Buffer.from('x'));

  it.each<[string, (forge: Forge) => ObjectId]>([
    ['a symbolic link', (forge) => treeWith(forge, { behind: [entry('120000', 'profile.vcf', BLOB)] })],
    ['a submodule', (forge) => treeWith(forge, { behind: [entry('160000', 'sub', forge.head)] })],
    [
      'the parent directory',
      (forge) => treeWith(forge, { before: [entry('40000', '..', forge.put('tree', Buffer.alloc(0)))] }),
    ],
    ['a repository in the work tree', (forge) => treeWith(forge, { before: [entry('40000', '.GIT', BLOB)] })],
    ['the short name of the repository', (forge) => treeWith(forge, { behind: [entry('40000', 'git~1', BLOB)] })],
    ['the repository as macOS reads it', (forge) => treeWith(forge, { before: [entry('100644', '.gi\u200ct', BLOB)] })],
    [
      'the repository as Windows reads it',
      (forge) => treeWith(forge, { before: [entry('100644', '.git::$DATA', BLOB)] }),
    ],
    ['a path for a name', (forge) => treeWith(forge, { behind: [entry('100644', 'x/../../y', BLOB)] })],
    ['entries out of order', (forge) => treeWith(forge, { behind: [entry('100644', 'a', BLOB)] })],
    ['a name twice', (forge) => treeWith(forge, { behind: [entry('100644', 'x', BLOB), entry('100644', 'x', BLOB)] })],
    ['a mode that git does not know', (forge) => treeWith(forge, { behind: [entry('100666', 'x', BLOB)] })],
    ['directories without end', nestedTree],
    ['a tree that is a file', (forge) => forge.put('blob', Buffer.from('no tree'))],
    ['a tree that is not there', () => 'ab'.repeat(20) as ObjectId],
    [
      'a file that is not there',
      (forge) => treeWith(forge, { behind: [entry('100644', 'profile.vcf', 'ab'.repeat(20))] }),
    ],
  ])('%s', async (_what, treeOf) => {
    const forge = new Forge();
    await forge.found(alice);
    forge.put('blob', Buffer.from('x'));
    const bad = await forge.commit({ by: alice, says: { type: 'text/plain', body: 'x' }, tree: treeOf(forge) });
    const { data } = await refusedClone('HISTORY_REFUSED', bad, packed(forge));
    expect(data.commit).toBe(bad);
  });

  function nestedTree(forge: Forge): ObjectId {
    let tree = forge.put('tree', Buffer.alloc(0));
    for (let depth = 0; depth <= TREE_DEPTH; depth++) tree = forge.put('tree', entry('40000', 'd', tree));
    return treeWith(forge, { behind: [entry('40000', 'z', tree)] });
  }

  it('an own device file that is a symbolic link', async () => {
    const forge = new Forge();
    const [[path = '', content = '']] = Object.entries(deviceFiles(alice)) as [[string, string]];
    await forge.found(alice);
    const devices = forge.put(
      'tree',
      entry('120000', path.replace('devices/', ''), forge.put('blob', Buffer.from(content))),
    );
    const root = Buffer.from(forge.objects.get(forge.treeAt(forge.head).id)?.bytes ?? []);
    const at = root.indexOf('devices\0') + 'devices\0'.length;
    root.set(idToBytes(devices), at);
    const bad = await forge.commit({
      by: alice,
      says: { type: 'text/plain', body: 'x' },
      tree: forge.put('tree', root),
    });
    const { data } = await refusedClone('HISTORY_REFUSED', bad, packed(forge));
    expect(data.commit).toBe(bad);
  });
});

describe('a commit', () => {
  it.each<[string, (commit: Buffer) => Uint8Array]>([
    ['with 10,000 parents', (commit) => withHeader(commit, `parent ${'cd'.repeat(20)}\n`.repeat(10_000))],
    ['with headers beyond the limit', (commit) => withHeader(commit, `note ${'x'.repeat(COMMIT_HEADER_BYTES)}\n`)],
    ['without a blank line', (commit) => Buffer.from(commit.toString('latin1').replaceAll('\n\n', '\n'), 'latin1')],
    ['that names no tree', (commit) => commit.subarray(commit.indexOf('\n') + 1)],
  ])('%s', async (_what, tamper) => {
    const forge = new Forge();
    await forge.found(alice);
    const bad = await forge.commit({ by: alice, says: { type: 'text/plain', body: 'x' }, tamper });
    await refusedClone('HISTORY_REFUSED', bad, packed(forge));
  });

  const withHeader = (commit: Buffer, lines: string) => {
    const afterTree = commit.indexOf('\n') + 1;
    return Buffer.concat([commit.subarray(0, afterTree), Buffer.from(lines), commit.subarray(afterTree)]);
  };
});

describe('a pack', () => {
  const HEAD = CommitId.parse('12'.repeat(20));
  const small = wholeEntry('blob', Buffer.from('x'));

  it.each<[string, Rule, Uint8Array]>([
    ['of more objects than anybody has', 'R1', packOf([], { count: PACK_OBJECTS + 1 })],
    ['with an object that claims 1 GiB', 'R1', packOf([wholeEntry('blob', Buffer.from('x'), 2 ** 30)])],
    [
      'with an object that inflates to more than it states',
      'OBJECT',
      packOf([wholeEntry('blob', Buffer.alloc(GIT_OBJECT_BYTES), 1)]),
    ],
    ['with deltas on each other', 'OBJECT', packOf([small, ...crossed()])],
    ['without the head that was advertised', 'OBJECT', packOf([small])],
    ['that is none', 'OBJECT', Buffer.from('no pack at all')],
  ])('%s', async (_what, rule, pack) => {
    const { data } = await refusedClone('HISTORY_REFUSED', HEAD, pack);
    expect(data).toMatchObject({ head: HEAD, commit: HEAD, rule });
  });

  /** Whoever makes such deltas has to find a cycle of SHA-1 first; these only claim one. */
  function crossed(): readonly Buffer[] {
    const [one, two] = ['a', 'b'].map((text) => objectIdOf('blob', Buffer.from(text)));
    const copy = Uint8Array.of(1, 1, 0x90, 1);
    return one && two ? [idDeltaEntry(one, copy), idDeltaEntry(two, copy)] : [];
  }
});
