import { chmod, mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { createRepository, openRepository } from '../../../../src/conversation/repository/repository-adapter.ts';
import { type CommitId, ObjectId } from '../../../../src/ids.ts';
import { GIT_OBJECT_BYTES } from '../../../../src/limits.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';
import { writeCommit, writeHistory } from '../../../support/git/git-objects.ts';
import { thrownBy } from '../../../support/thrown.ts';

it('clears away what a killed process left, and nothing else', async () => {
  const directory = await temporaryDirectory();
  await using repository = await createRepository(directory);
  const head = (await writeHistory(repository, 2)).at(-1) as CommitId;
  await repository.moveHead({ from: undefined, to: head });
  const inGit = (path: string) => join(directory, '.git', path);
  await mkdir(inGit('refs/remotes/device'), { recursive: true });
  await mkdir(inGit('objects/incoming-1234'));
  const leftovers = [
    'index.lock',
    'refs/heads/main.lock',
    'refs/remotes/device/main.lock',
    'objects/incoming-1234/pack',
    'objects/tmp_obj_1',
    'tmp_obj_2',
  ];
  for (const path of leftovers) await writeFile(inGit(path), 'x');
  await thrownBy('REF_CONFLICT', () => repository.moveHead({ from: head, to: head }));

  await using reopened = await openRepository(directory);
  for (const path of leftovers) await expect(stat(inGit(path))).rejects.toThrow('ENOENT');
  await reopened.moveHead({ from: head, to: await writeCommit(reopened, { parents: [head] }) });
});

const TOO_MUCH = GIT_OBJECT_BYTES + 1024;

it('reads no object that is larger than any may be, deflated or not', async () => {
  const directory = await temporaryDirectory();
  await using repository = await createRepository(directory);
  const bomb = deflateSync(Buffer.concat([Buffer.from(`blob ${TOO_MUCH}\0`), Buffer.alloc(TOO_MUCH)]));
  for (const [name, make] of [
    ['a', (path: string) => writeFile(path, bomb)],
    // A file of a terabyte that takes no room.
    ['b', (path: string) => writeFile(path, '').then(() => truncate(path, 2 ** 40))],
  ] as const) {
    const id = ObjectId.parse(name.repeat(40));
    const path = join(directory, '.git/objects', id.slice(0, 2), id.slice(2));
    await mkdir(dirname(path));
    await make(path);
    expect((await thrownBy('OBJECT_CORRUPT', () => repository.objects.read(id))).data.path).toBe(path);
  }
});

it('says that an object is damaged, and where', async () => {
  const directory = await temporaryDirectory();
  await using repository = await createRepository(directory);
  const id = await repository.write('blob', Buffer.from('hello'));
  const other = await repository.write('blob', Buffer.from('something else'));
  const pathOf = (name: string) => join(directory, '.git/objects', name.slice(0, 2), name.slice(2));
  await chmod(pathOf(id), 0o644);
  for (const bytes of [Buffer.from('no zlib'), await readFile(pathOf(other)), Buffer.alloc(0)]) {
    await writeFile(pathOf(id), bytes);
    const error = await thrownBy('OBJECT_CORRUPT', () => repository.objects.read(id));
    expect(error.data).toMatchObject({ id, path: pathOf(id) });
  }
});
