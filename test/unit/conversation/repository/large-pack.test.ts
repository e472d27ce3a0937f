/** Packs that are too large to be taken apart on the event loop, and so are in a thread. */
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { objectIdOf } from '../../../../src/conversation/repository/objects/object-id.ts';
import type { Repository } from '../../../../src/conversation/repository/repository.ts';
import { createRepository } from '../../../../src/conversation/repository/repository-adapter.ts';
import { GIT_OBJECT_BYTES, PACK_AHEAD_BYTES, PACK_AT_ONCE_BYTES } from '../../../../src/limits.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';
import { deltaOf, idDeltaEntry, inPieces, packOf, wholeEntry } from '../../../support/git/packs.ts';
import { thrownBy } from '../../../support/thrown.ts';

const { signal } = new AbortController();
/** Does not deflate, so that the pack is as large as its objects. */
const blobs = Array.from({ length: 8 }, () => randomBytes((PACK_AT_ONCE_BYTES + PACK_AHEAD_BYTES) / 7));
const entries = blobs.map((bytes) => wholeEntry('blob', bytes));

async function founded(): Promise<Repository> {
  const repository = await createRepository(await temporaryDirectory());
  onTestFinished(() => repository[Symbol.asyncDispose]());
  return repository;
}

const stage = (repository: Repository, pack: Uint8Array) => repository.stagePack(inPieces(pack, 60_000), { signal });

async function leftIn(repository: Repository): Promise<string[]> {
  return (await readdir(join(repository.path, '.git', 'objects'))).filter((name) => /^(incoming-|tmp_)/.test(name));
}

it('are readable before and after they are kept, completed with a base that is here', async () => {
  const repository = await founded();
  const base = await repository.write('blob', Buffer.from('the base of it all'));
  const thin = idDeltaEntry(base, deltaOf(18, 8, Buffer.from('!')));
  const staged = await stage(repository, packOf([...entries, thin]));
  const ids = [...blobs, Buffer.from('the base!')].map((bytes) => objectIdOf('blob', bytes));
  for (const id of ids) expect([await staged.objects.has(id), await repository.objects.has(id)]).toEqual([true, false]);
  await staged.keep();
  for (const id of ids) expect((await repository.objects.read(id)).type).toBe('blob');
  expect(await leftIn(repository)).toEqual([]);
});

it.each([
  ['MALFORMED', 'a truncated one', packOf(entries).subarray(0, -1000)],
  [
    'MALFORMED',
    'one with a delta without a base',
    packOf([...entries, idDeltaEntry(objectIdOf('blob', Buffer.of()), deltaOf(0, 0, Buffer.of(1)))]),
  ],
  [
    'LIMIT_EXCEEDED',
    'an object larger than the limit',
    packOf([...entries, wholeEntry('blob', Buffer.of(), GIT_OBJECT_BYTES + 1)]),
  ],
] as const)('are refused with %s: %s', async (code, _, pack) => {
  const repository = await founded();
  await thrownBy(code, () => stage(repository, pack));
  expect(await leftIn(repository)).toEqual([]);
});

it('are left when the sender breaks off, and when nobody wants them any more', async () => {
  const repository = await founded();
  const pack = packOf(entries);
  const leaving = new AbortController();
  async function* breaking(end: () => void) {
    yield pack.subarray(0, PACK_AT_ONCE_BYTES);
    yield pack.subarray(PACK_AT_ONCE_BYTES, PACK_AT_ONCE_BYTES + 1000);
    end();
    yield* inPieces(pack.subarray(PACK_AT_ONCE_BYTES + 1000), 1000);
  }
  const broken = breaking(() => {
    throw new DOMException('the link broke', 'NetworkError');
  });
  const left = breaking(() => leaving.abort(new DOMException('no more patience', 'AbortError')));
  await expect(repository.stagePack(broken, { signal })).rejects.toThrow('the link broke');
  await expect(repository.stagePack(left, { signal: leaving.signal })).rejects.toThrow('no more patience');
  expect(await leftIn(repository)).toEqual([]);
});
