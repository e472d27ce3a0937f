import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { indexBundleInThread } from '../../../../src/conversation/repository/bundle/index-bundle-thread-adapter.ts';
import { objectIdOf } from '../../../../src/conversation/repository/objects/object-id.ts';
import { objectsToSend } from '../../../../src/conversation/repository/objects-to-send.ts';
import { openSource } from '../../../../src/conversation/repository/open-source-adapter.ts';
import { createRepository } from '../../../../src/conversation/repository/repository-adapter.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';
import { writeCommit } from '../../../support/git/git-objects.ts';
import { packOf, wholeEntry } from '../../../support/git/packs.ts';
import { thrownBy } from '../../../support/thrown.ts';

const BUNDLE = 'fixtures/jami/one-to-one/alice.bundle';

async function detailOf(path: string): Promise<string> {
  return (await thrownBy('SOURCE_UNREADABLE', () => openSource(path))).data.detail;
}

async function fileWith(bytes: Uint8Array | string): Promise<string> {
  const path = join(await temporaryDirectory(), 'source');
  await writeFile(path, bytes);
  return path;
}

describe('a source that cannot be opened', () => {
  it('is named when it is not there', async () => {
    const { data } = await thrownBy('SOURCE_MISSING', () => openSource('/nowhere/at/all'));
    expect(data.path).toBe('/nowhere/at/all');
  });

  it('is a folder without a repository', async () => {
    expect(await detailOf(await temporaryDirectory())).toContain('no git repository');
  });

  it('is a repository without a commit', async () => {
    const directory = await temporaryDirectory();
    await using _repository = await createRepository(directory);
    expect(await detailOf(directory)).toContain('no commit yet');
  });

  it('is a repository with ids of another kind', async () => {
    const directory = await temporaryDirectory();
    await using _repository = await createRepository(directory);
    await writeFile(
      join(directory, '.git/config'),
      '[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n',
    );
    expect(await detailOf(directory)).toContain('sha256');
  });

  it('is a file that is no bundle', async () => {
    expect(await detailOf(await fileWith('hello'))).toBe('it is no git bundle');
    expect(await detailOf(await fileWith(''))).toBe('it is no git bundle');
  });

  it('is a bundle of an unknown version, or one that needs what we cannot', async () => {
    expect(await detailOf(await fileWith('# v4 git bundle\n\n'))).toContain('version 4');
    expect(await detailOf(await fileWith('# v3 git bundle\n@filter=blob:none\n\n'))).toContain('filter=blob:none');
    expect(await detailOf(await fileWith('# v3 git bundle\n@object-format=sha256\n\n'))).toContain(
      'object-format=sha256',
    );
  });

  it('is a bundle of a part of the history', async () => {
    const id = '12'.repeat(20);
    expect(await detailOf(await fileWith(`# v2 git bundle\n-${id} a subject\n${id} refs/heads/main\n\n`))).toContain(
      'only a part',
    );
  });

  it('is a bundle that names nothing', async () => {
    expect(await detailOf(await fileWith('# v2 git bundle\n\n'))).toContain('names no head');
  });

  it.each([50, 200, 2_000, 20_000, -30, -1])('is a bundle cut off at byte %i', async (length) => {
    const bytes = await readFile(BUNDLE);
    expect(await detailOf(await fileWith(bytes.subarray(0, length)))).toContain('truncated');
  });

  it('is a bundle with a changed byte in its pack', async () => {
    const bytes = Buffer.from(await readFile(BUNDLE));
    bytes[bytes.byteLength - 100] = (bytes.at(-100) ?? 0) ^ 0x10;
    expect(await detailOf(await fileWith(bytes))).toContain("in the bundle's");
  });
});

describe('a bundle too large for the event loop', () => {
  const REFS = `# v2 git bundle\n${'ab'.repeat(20)} refs/heads/main\n\n`;
  /** Of random bytes, which do not deflate. */
  const blobs = Array.from({ length: 5 }, () => randomBytes(2 ** 20));

  it('is indexed beside it, and read as any other', async () => {
    const pack = packOf(blobs.map((bytes) => wholeEntry('blob', bytes)));
    await using source = await openSource(await fileWith(Buffer.concat([Buffer.from(REFS), pack])));
    for (const bytes of blobs) {
      const read = await source.objects.read(objectIdOf('blob', bytes));
      expect(Buffer.from(read.bytes).equals(bytes)).toBe(true);
    }
  });

  it('is given up when nobody waits for it any more, or when it takes too long', async () => {
    const pack = packOf(blobs.map((bytes) => wholeEntry('blob', bytes)));
    const path = await fileWith(Buffer.concat([Buffer.from(REFS), pack]));
    const reason = new Error('enough');
    const opening = new AbortController();
    const opened = openSource(path, { signal: opening.signal });
    opening.abort(reason);
    await expect(opened).rejects.toBe(reason);
    const { signal } = new AbortController();
    // A thread takes longer than that to start.
    await thrownBy('TIMED_OUT', () => indexBundleInThread({ path, packAt: REFS.length }, { signal, patienceMs: 1 }));
  });

  it('is refused with the same words when it is damaged', async () => {
    const pack = packOf(blobs.map((bytes) => wholeEntry('blob', bytes)));
    const cut = Buffer.concat([Buffer.from(REFS), pack]).subarray(0, -100_000);
    expect(await detailOf(await fileWith(cut))).toContain("in the bundle's pack, it is truncated after");
  });
});

describe('a source', () => {
  it('is found by its work tree and by its git directory, and nothing in it is written', async () => {
    const directory = join(await temporaryDirectory(), 'conversation');
    await mkdir(directory);
    await using bundle = await openSource(BUNDLE);
    const head = await bundle.head();
    if (head === undefined) throw new TypeError('no head');
    await using repository = await createRepository(directory);
    for (const id of await objectsToSend(bundle.objects, { wants: [head], haves: [] })) {
      const { type, bytes } = await bundle.objects.read(id);
      expect(await repository.write(type, bytes)).toBe(id);
    }
    await repository.moveHead({ from: undefined, to: head });
    const lock = join(directory, '.git', 'index.lock');
    await writeFile(lock, '');
    for (const path of [directory, join(directory, '.git')]) {
      await using source = await openSource(path);
      expect([source.path, await source.head()]).toEqual([path, head]);
    }
    // A reader leaves even a stale lock alone: the repository may be somebody else's.
    expect(await readFile(lock, 'utf8')).toBe('');
  });
});

describe('a repository whose branch somebody is moving', () => {
  async function lockedRepository() {
    const directory = await temporaryDirectory();
    await using repository = await createRepository(directory);
    const head = await writeCommit(repository, {});
    await repository.moveHead({ from: undefined, to: head });
    const next = await writeCommit(repository, { parents: [head] });
    const branch = join(directory, '.git/refs/heads/main');
    await writeFile(`${branch}.lock`, `${next}\n`);
    return { directory, branch, head, next };
  }

  it('is read once it has been moved', async () => {
    const { directory, branch, next } = await lockedRepository();
    const opening = openSource(directory);
    await rename(`${branch}.lock`, branch);
    await using source = await opening;
    expect(await source.head()).toBe(next);
  });

  it('is read as it is when that never ends', async () => {
    const { directory, head } = await lockedRepository();
    await using source = await openSource(directory);
    expect(await source.head()).toBe(head);
  });

  it('is not waited for by somebody who gives up', async () => {
    const { directory } = await lockedRepository();
    const signal = AbortSignal.abort(new DOMException('no more patience', 'AbortError'));
    await expect(openSource(directory, { signal })).rejects.toThrow('aborted');
  });
});
