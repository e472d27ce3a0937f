import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { objectIdOf } from '../../../../../src/conversation/repository/objects/object-id.ts';
import type { Repository } from '../../../../../src/conversation/repository/repository.ts';
import { createRepository, openRepository } from '../../../../../src/conversation/repository/repository-adapter.ts';
import { DELTA_CHAIN_LENGTH, GIT_OBJECT_BYTES } from '../../../../../src/limits.ts';
import { temporaryDirectory } from '../../../../support/folders/temporary-directory.ts';
import {
  deltaOf,
  idDeltaEntry,
  inPieces,
  offsetDeltaEntry,
  packOf,
  wholeEntry,
} from '../../../../support/git/packs.ts';
import { thrownBy } from '../../../../support/thrown.ts';

const BASE = Buffer.from('the base of it all');
const BASE_ENTRY = wholeEntry('blob', BASE);
const signal = new AbortController().signal;

async function founded(): Promise<Repository> {
  const repository = await createRepository(await temporaryDirectory());
  onTestFinished(() => repository[Symbol.asyncDispose]());
  return repository;
}

async function leftIn(repository: Repository): Promise<string[]> {
  return (await readdir(join(repository.path, '.git', 'objects'))).filter((name) => /^(incoming-|tmp_)/.test(name));
}

const stage = (repository: Repository, pack: Uint8Array) => repository.stagePack(inPieces(pack, 1000), { signal });
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

it('resolves deltas on deltas, by offset and by id, before and after their base', async () => {
  const repository = await founded();
  const one = Buffer.from('the base, one');
  const two = Buffer.from('the base, two');
  const early = idDeltaEntry(objectIdOf('blob', one), deltaOf(one.byteLength, 8, Buffer.from(', two')));
  const late = offsetDeltaEntry(BASE_ENTRY.byteLength, deltaOf(BASE.byteLength, 8, Buffer.from(', one')));
  await using staged = await stage(repository, packOf([early, BASE_ENTRY, late]));
  for (const bytes of [one, two]) {
    expect(textOf((await staged.objects.read(objectIdOf('blob', bytes))).bytes)).toBe(textOf(bytes));
  }
});

it('completes a thin pack with the base it has', async () => {
  const repository = await founded();
  const base = await repository.write('blob', BASE);
  const staged = await stage(repository, packOf([idDeltaEntry(base, deltaOf(BASE.byteLength, 8, Buffer.from('!')))]));
  await staged.keep();
  // Only the pack is left to read the base from.
  const loose = join(repository.path, '.git', 'objects', base.slice(0, 2), base.slice(2));
  await chmod(loose, 0o644);
  await writeFile(loose, 'no longer an object');
  await using reopened = await openRepository(repository.path);
  expect(textOf((await reopened.objects.read(objectIdOf('blob', Buffer.from('the base!')))).bytes)).toBe('the base!');
  expect(textOf((await reopened.objects.read(base)).bytes)).toBe(textOf(BASE));
});

it('does not add a base that came with the pack after all', async () => {
  const repository = await founded();
  const base = await repository.write('blob', BASE);
  const middle = Buffer.from('the base!');
  const middleId = await repository.write('blob', middle);
  const pack = packOf([
    idDeltaEntry(middleId, deltaOf(middle.byteLength, 3, Buffer.from('?'))),
    idDeltaEntry(base, deltaOf(BASE.byteLength, 8, Buffer.from('!'))),
  ]);
  const staged = await stage(repository, pack);
  await staged.keep();
  const [kept] = (await readdir(join(repository.path, '.git/objects/pack'))).filter((name) => name.endsWith('.pack'));
  const bytes = await readFile(join(repository.path, '.git/objects/pack', kept ?? ''));
  expect(bytes.readUInt32BE(8)).toBe(3);
});

describe('a hostile pack leaves a coded error and nothing else', () => {
  const chain = (length: number) => {
    const entries = [BASE_ENTRY];
    for (let place = 0; place < length; place++) {
      const size = place === 0 ? BASE.byteLength : 4 + `${place - 1}`.length;
      entries.push(offsetDeltaEntry(entries.at(-1)?.byteLength ?? 0, deltaOf(size, 4, Buffer.from(`${place}`))));
    }
    return packOf(entries);
  };
  const good = packOf([BASE_ENTRY]);

  it.each([
    ['a wrong checksum', Buffer.concat([good.subarray(0, -1), Uint8Array.of((good.at(-1) ?? 0) ^ 1)])],
    ['a truncated one', good.subarray(0, -25)],
    ['an empty stream', Buffer.alloc(0)],
    ['a delta before the beginning', packOf([BASE_ENTRY, offsetDeltaEntry(10_000, deltaOf(1, 0, BASE))])],
    [
      'a delta into the middle of an entry',
      packOf([BASE_ENTRY, offsetDeltaEntry(3, deltaOf(BASE.byteLength, 1, BASE))]),
    ],
    ['a delta on nothing we have', packOf([idDeltaEntry(objectIdOf('blob', BASE), deltaOf(BASE.byteLength, 1, BASE))])],
    [
      'a delta that copies from outside',
      packOf([BASE_ENTRY, offsetDeltaEntry(BASE_ENTRY.byteLength, deltaOf(BASE.byteLength, 99, BASE))]),
    ],
    [
      'deltas that stand on each other',
      packOf([
        idDeltaEntry(objectIdOf('blob', Buffer.from('a')), deltaOf(1, 1, BASE)),
        idDeltaEntry(objectIdOf('blob', Buffer.from('b')), deltaOf(1, 1, BASE)),
      ]),
    ],
    ['an object twice', packOf([BASE_ENTRY, BASE_ENTRY])],
    ['a size that lies', packOf([wholeEntry('blob', BASE, 5)])],
    ['a bomb', packOf([wholeEntry('blob', Buffer.alloc(GIT_OBJECT_BYTES), 10)])],
  ])('%s', async (_name, pack) => {
    const repository = await founded();
    await thrownBy('MALFORMED', () => stage(repository, pack));
    expect(await leftIn(repository)).toEqual([]);
  });

  it.each([
    ['a chain longer than the limit', chain(DELTA_CHAIN_LENGTH + 1)],
    ['an object larger than the limit', packOf([wholeEntry('blob', Buffer.alloc(GIT_OBJECT_BYTES + 1))])],
  ])('%s', async (_name, pack) => {
    const repository = await founded();
    await thrownBy('LIMIT_EXCEEDED', () => stage(repository, pack));
    expect(await leftIn(repository)).toEqual([]);
  });

  it('takes a chain as long as the limit', async () => {
    const repository = await founded();
    await using staged = await stage(repository, chain(DELTA_CHAIN_LENGTH));
    const last = Buffer.from(`the ${DELTA_CHAIN_LENGTH - 1}`);
    expect(await staged.objects.has(objectIdOf('blob', last))).toBe(true);
  });

  it('a sender that breaks off', async () => {
    const repository = await founded();
    async function* broken() {
      yield good.subarray(0, 15);
      throw new DOMException('the link broke', 'NetworkError');
    }
    await expect(repository.stagePack(broken(), { signal })).rejects.toThrow('the link broke');
    expect(await leftIn(repository)).toEqual([]);
  });
});
