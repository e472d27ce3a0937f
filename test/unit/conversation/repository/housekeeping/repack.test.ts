import { mkdirSync, writeFileSync } from 'node:fs';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { repack } from '../../../../../src/conversation/repository/housekeeping/repack-adapter.ts';
import { frameHeader } from '../../../../../src/conversation/repository/objects/object-frame.ts';
import { objectIdOf } from '../../../../../src/conversation/repository/objects/object-id.ts';
import { formatPackIndex, parsePackIndex } from '../../../../../src/conversation/repository/packs/pack-index.ts';
import { packObjects } from '../../../../../src/conversation/repository/packs/pack-writer.ts';
import type { Repository } from '../../../../../src/conversation/repository/repository.ts';
import { createRepository, openRepository } from '../../../../../src/conversation/repository/repository-adapter.ts';
import type { CommitId, ObjectId } from '../../../../../src/ids.ts';
import { LOOSE_OBJECTS } from '../../../../../src/limits.ts';
import { temporaryDirectory } from '../../../../support/folders/temporary-directory.ts';
import { memoryObjects, reachableFrom, writeCommit, writeHistory } from '../../../../support/git/git-objects.ts';
import { fsck, git } from '../../../../support/git/stock-git.ts';
import { describeNeeding, stockGit } from '../../../../support/runner/needs.ts';

const objectsOf = (directory: string) => join(directory, '.git/objects');

async function filesIn(directory: string): Promise<{ loose: string[]; packs: string[]; others: string[] }> {
  const names = await readdir(objectsOf(directory), { recursive: true });
  const loose = names.filter((name) => /^[0-9a-f]{2}.[0-9a-f]{38}$/.test(name));
  const packs = names.filter((name) => /pack-[0-9a-f]{40}[.]pack$/.test(name));
  return { loose, packs, others: names.filter((name) => /tmp_|incoming-/.test(name)) };
}

async function grow(repository: Repository, length: number): Promise<CommitId> {
  const from = await repository.head();
  const head = (await writeHistory(repository, length, from)).at(-1) as CommitId;
  await repository.moveHead({ from, to: head });
  return head;
}

it('puts loose objects into a pack, and small packs into larger ones, and loses nothing', async () => {
  const directory = await temporaryDirectory();
  await using repository = await createRepository(directory);
  let written = 0;
  for (const length of [20, 5, 5, 5]) {
    const head = await grow(repository, length);
    const { loose } = await filesIn(directory);
    const { objects, looseRemoved } = await repack(objectsOf(directory));
    expect(looseRemoved).toBe(loose.length);
    written = Math.max(written, objects);
    expect((await reachableFrom(repository.objects, head)).size).toBeGreaterThan(0);
  }
  const { loose, packs, others } = await filesIn(directory);
  expect([loose, others]).toEqual([[], []]);
  expect(packs.length).toBeLessThan(3);
  expect(await repack(objectsOf(directory))).toMatchObject({ looseRemoved: 0 });
});

it('lets whoever has the repository open read on, also what is moved under its hands', async () => {
  const directory = await temporaryDirectory();
  await using repository = await createRepository(directory);
  const head = await grow(repository, 30);
  const all = await reachableFrom(repository.objects, head);
  const reading = Promise.all([...all].map((id) => repository.objects.read(id as ObjectId)));
  await repack(objectsOf(directory));
  expect((await reading).length).toBe(all.size);
  await grow(repository, 40);
  await repack(objectsOf(directory));
  expect(await reachableFrom(repository.objects, head)).toEqual(all);
});

it('leaves a damaged object where it is, and a damaged pack', async () => {
  const directory = await temporaryDirectory();
  await using repository = await createRepository(directory);
  await grow(repository, 4);
  await repack(objectsOf(directory));
  const [pack = ''] = (await filesIn(directory)).packs;
  await chmod(join(objectsOf(directory), pack), 0o644);
  const { size } = await stat(join(objectsOf(directory), pack));
  await writeFile(join(objectsOf(directory), pack), Buffer.alloc(size));
  const damaged = await repository.write('blob', Buffer.from('damaged'));
  const path = join(objectsOf(directory), damaged.slice(0, 2), damaged.slice(2));
  await chmod(path, 0o644);
  await writeFile(path, 'no zlib');
  await writeHistory(repository, 5);
  await repack(objectsOf(directory));
  const { loose, packs } = await filesIn(directory);
  expect(loose).toEqual([path.slice(objectsOf(directory).length + 1)]);
  expect(packs).toContain(pack);
  expect(packs).toHaveLength(2);
});

it('leaves a pack alone whose index calls objects by the names of others', async () => {
  const directory = await temporaryDirectory();
  await using repository = await createRepository(directory);
  await grow(repository, 3);
  await repack(objectsOf(directory));
  const [pack = ''] = (await filesIn(directory)).packs;
  const indexPath = join(objectsOf(directory), pack.replace('.pack', '.idx'));
  const right = await readFile(indexPath);
  const index = parsePackIndex(right);
  const entries = Array.from({ length: index.count }, (_, place) => index.at(place));
  const ids = entries.map(({ id }) => id);
  const wrong = entries.map((entry, place) => ({ ...entry, id: ids.at(place - 1) ?? entry.id }));
  await chmod(indexPath, 0o644);
  await writeFile(indexPath, formatPackIndex(wrong, right.subarray(-40, -20)));
  for (let place = 0; place < 100; place++) putLoose(directory, `object ${place}`);
  expect(await repack(objectsOf(directory))).toMatchObject({ looseRemoved: 100, packsRemoved: 0 });
  expect((await filesIn(directory)).packs).toContain(pack);
});

it('keeps a pack that somebody wants kept', async () => {
  const directory = await temporaryDirectory();
  await using repository = await createRepository(directory);
  await grow(repository, 2);
  await repack(objectsOf(directory));
  const [pack = ''] = (await filesIn(directory)).packs;
  await writeFile(join(objectsOf(directory), pack.replace('.pack', '.keep')), '');
  await grow(repository, 10);
  expect(await repack(objectsOf(directory))).toMatchObject({ packsRemoved: 0 });
  expect((await filesIn(directory)).packs).toContain(pack);
});

it('takes little room for trees that differ in one entry', async () => {
  const directory = await temporaryDirectory();
  await using repository = await createRepository(directory);
  const names = Array.from({ length: 300 }, (_, member) => `${member}.crt`);
  for (let time = 0; time < 20; time++) {
    const members = Object.fromEntries(names.slice(0, 280 + time).map((name) => [name, 'a certificate']));
    await writeCommit(repository, { files: { members }, at: 1_700_000_000 + time });
  }
  await repack(objectsOf(directory));
  const [pack = ''] = (await filesIn(directory)).packs;
  // Whole, the trees alone come to 20 times 290 entries of 34 bytes; their ids are all the same, so half of that goes.
  expect((await stat(join(objectsOf(directory), pack))).size).toBeLessThan(10_000);
});

it('begins by itself, in a thread, where there is enough to pack', async () => {
  const directory = await temporaryDirectory();
  await (await createRepository(directory))[Symbol.asyncDispose]();
  const ids = Array.from({ length: LOOSE_OBJECTS }, (_, place) => putLoose(directory, `object ${place}`));
  await using repository = await openRepository(directory);
  await expect.poll(async () => (await filesIn(directory)).loose.length, { timeout: 60_000 }).toBe(0);
  for (const id of ids) expect(await repository.objects.has(id)).toBe(true);
});

/** Not flushed, as a thousand of them would take long. */
function putLoose(directory: string, content: string): ObjectId {
  const bytes = Buffer.from(content);
  const id = objectIdOf('blob', bytes);
  const path = join(objectsOf(directory), id.slice(0, 2), id.slice(2));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, deflateSync(Buffer.concat([frameHeader('blob', bytes.byteLength), bytes])));
  return id;
}

it('packs what came in packs of peers, too', async () => {
  const directory = await temporaryDirectory();
  await using repository = await createRepository(directory);
  const other = memoryObjects();
  await writeHistory(other, 3);
  for (const id of other.all.keys()) {
    const pack = packObjects(other, [id as ObjectId]);
    const staged = await repository.stagePack(pack, { signal: AbortSignal.timeout(5000) });
    await staged.keep();
  }
  await repack(objectsOf(directory));
  expect((await filesIn(directory)).packs).toHaveLength(1);
  for (const id of other.all.keys()) expect(await repository.objects.has(id as ObjectId)).toBe(true);
});

describeNeeding(stockGit, 'what git says of it', () => {
  it('is nothing, deltas included', async () => {
    const directory = await temporaryDirectory();
    await using repository = await createRepository(directory);
    for (const length of [12, 30, 3]) {
      await grow(repository, length);
      await repack(objectsOf(directory));
    }
    expect(await fsck(directory)).toBe('');
    const { stdout } = await git(directory, 'log', '--oneline');
    expect(stdout.trim().split('\n')).toHaveLength(45);
    const { stdout: counts } = await git(directory, 'count-objects', '-v');
    expect(counts).toMatch(/^count: 0$/m);
  });
});
