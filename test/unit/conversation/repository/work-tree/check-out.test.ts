import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatTree } from '../../../../../src/conversation/repository/objects/tree.ts';
import { createRepository } from '../../../../../src/conversation/repository/repository-adapter.ts';
import { checkOutTree } from '../../../../../src/conversation/repository/work-tree/check-out-adapter.ts';
import { asCommitId } from '../../../../../src/id-bytes.ts';
import { temporaryDirectory } from '../../../../support/folders/temporary-directory.ts';
import { type Files, memoryObjects, writeCommit, writeTree } from '../../../../support/git/git-objects.ts';
import { git } from '../../../../support/git/stock-git.ts';
import { describeNeeding, stockGit } from '../../../../support/runner/needs.ts';
import { thrownBy } from '../../../../support/thrown.ts';

async function founded() {
  const directory = await temporaryDirectory();
  await (await createRepository(directory))[Symbol.asyncDispose]();
  const objects = memoryObjects();
  return {
    directory,
    index: join(directory, '.git', 'index'),
    checkOut: async (files: Files) => checkOutTree(directory, { tree: await writeTree(objects, files), objects }),
  };
}

async function filesIn(directory: string): Promise<Files> {
  const found: { [name: string]: string | Files } = {};
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.name !== '.git')
      found[entry.name] = entry.isDirectory() ? await filesIn(path) : await readFile(path, 'utf8');
  }
  return found;
}

const name = fc.constantFrom('a', 'b', 'c.crt', 'ü');
const content = fc.constantFrom('', 'one', 'two');
const folder = fc.dictionary(name, content, { minKeys: 1, maxKeys: 3 });
const tree: fc.Arbitrary<Files> = fc.dictionary(
  name,
  fc.oneof(content, folder, fc.dictionary(name, folder, { minKeys: 1 })),
  {
    maxKeys: 4,
  },
);

it('makes the work tree look like one tree after the other', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(tree, { maxLength: 4 }), async (trees) => {
      const { directory, checkOut } = await founded();
      for (const files of trees) {
        await checkOut(files);
        expect(await filesIn(directory)).toEqual(files);
      }
    }),
    { numRuns: 8 },
  );
});

it('takes away what the head no longer holds, repairs what was changed, and leaves the rest alone', async () => {
  const { directory, checkOut } = await founded();
  await checkOut({ changed: 'one', kept: 'one', removed: 'x', members: { a: 'a' } });
  const before = await stat(join(directory, 'kept'));
  await writeFile(join(directory, 'changed'), 'by hand');
  await writeFile(join(directory, 'own'), 'somebody else put it there');
  await checkOut({ changed: 'one', kept: 'one', members: { b: 'b' } });
  expect(await filesIn(directory)).toEqual({
    changed: 'one',
    kept: 'one',
    members: { b: 'b' },
    own: 'somebody else put it there',
  });
  expect((await stat(join(directory, 'kept'))).ino).toBe(before.ino);
});

it('writes all anew when the index cannot be read', async () => {
  const { directory, index, checkOut } = await founded();
  await checkOut({ kept: 'one', members: { a: 'a' } });
  await writeFile(index, 'no index');
  await writeFile(join(directory, 'kept'), 'two');
  await checkOut({ kept: 'one', members: { a: 'b' } });
  expect(await filesIn(directory)).toEqual({ kept: 'one', members: { a: 'b' } });
});

it('gives up where somebody put a folder in the place of a file, and leaves no temporary file', async () => {
  const { directory, checkOut } = await founded();
  await mkdir(join(directory, 'file', 'own'), { recursive: true });
  await thrownBy('FILE_FAILED', () => checkOut({ file: 'one' }));
  expect((await readdir(join(directory, '.git'))).filter((entry) => entry.startsWith('tmp'))).toEqual([]);
});

it('never checks out a symbolic link', async () => {
  const { directory } = await founded();
  const objects = memoryObjects();
  const target = await objects.write('blob', Buffer.from('/etc'));
  const link = await objects.write('tree', formatTree([{ mode: '120000', name: 'link', id: target }]));
  await thrownBy('MALFORMED', () => checkOutTree(directory, { tree: link, objects }));
  expect(await readdir(directory)).toEqual(['.git']);
});

describeNeeding(stockGit, 'as git sees it', () => {
  it('is clean, with files that may be run among others', async () => {
    const directory = await temporaryDirectory();
    await using repository = await createRepository(directory);
    const files = { 'a.b': 'x', a: { b: 'x', ü: { deep: 'y' } }, 'a-b': '' };
    const first = await writeCommit(repository, { files });
    await repository.moveHead({ from: undefined, to: first });
    await repository.checkOut();
    expect((await git(directory, 'status', '--porcelain')).stdout).toBe('');
    const blob = await repository.write('blob', Buffer.from('#!/bin/sh\n'));
    const tree = await repository.write('tree', formatTree([{ mode: '100755', name: 'run', id: blob }]));
    const text = `tree ${tree}\nparent ${first}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nrun\n`;
    const second = asCommitId(await repository.write('commit', Buffer.from(text)));
    await repository.moveHead({ from: first, to: second });
    await repository.checkOut();
    await git(directory, 'config', 'core.filemode', 'true');
    expect((await git(directory, 'status', '--porcelain')).stdout).toBe('');
    await chmod(join(directory, 'run'), 0o644);
    expect((await git(directory, 'status', '--porcelain')).stdout).toBe(' M run\n');
  });
});
