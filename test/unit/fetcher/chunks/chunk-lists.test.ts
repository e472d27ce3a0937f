import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chunkRootOf } from '../../../../src/fetcher/chunks/chunk-list.ts';
import { createChunkListStore } from '../../../../src/fetcher/chunks/chunk-list-store-adapter.ts';
import { createChunkLists } from '../../../../src/fetcher/chunks/chunk-lists.ts';
import type { AnnouncedFile, ChunkChecker } from '../../../../src/fetcher/ports.ts';
import { CHUNK_BYTES_MIN } from '../../../../src/limits.ts';
import { announcedFile, sha256OfChunks, someBytes } from '../../../support/fetcher/announced-file.ts';
import { inlineChunkChecker } from '../../../support/fetcher/inline-digester.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';
import { thrownBy } from '../../../support/thrown.ts';

const SIZE = CHUNK_BYTES_MIN;
const BYTES = someBytes(SIZE * 3 + 1);
const LIST = sha256OfChunks(BYTES, SIZE);
const FILE: AnnouncedFile = {
  ...announcedFile(BYTES),
  chunks: { size: SIZE, root: chunkRootOf(BYTES.length, SIZE, LIST) },
};
const signal = new AbortController().signal;

/** A home with or without the file in it, opened as often as one likes. */
async function setUp({ bytes }: { bytes?: Uint8Array } = {}) {
  const folder = await temporaryDirectory();
  const path = join(folder, 'file');
  if (bytes) await writeFile(path, bytes);
  const counted = { hashed: 0 };
  const inner = inlineChunkChecker();
  const checker: ChunkChecker = {
    ...inner,
    hashesOf(at, options) {
      counted.hashed += 1;
      return inner.hashesOf(at, options);
    },
  };
  const lists = join(folder, 'chunk_hashes');
  const open = () => createChunkLists({ store: createChunkListStore(lists), checker, pathOf: () => path });
  return { open, counted, kept: join(lists, FILE.conversation, FILE.fileId) };
}

describe('the chunk list of an own file', () => {
  it('is hashed once, for all who ask, and remembered beyond a restart', async () => {
    const { open, counted } = await setUp({ bytes: BYTES });
    const lists = open();
    const asked = await Promise.all([1, 2, 3].map(() => lists.of(FILE, { signal })));
    for (const list of [...asked, await lists.of(FILE, { signal }), await open().of(FILE, { signal })])
      expect(list && Buffer.from(list)).toEqual(LIST);
    expect(counted.hashed).toBe(1);
  });

  it('is not hashed at all when it was kept', async () => {
    const { open, counted } = await setUp();
    await open().keep(FILE, LIST);
    expect(Buffer.from((await open().of(FILE, { signal })) ?? [])).toEqual(LIST);
    expect(counted.hashed).toBe(0);
  });

  it.each([
    ['is damaged', Buffer.from(LIST).fill(0, 0, 1)],
    ['is cut off', LIST.subarray(0, 40)],
    ['is empty', Buffer.alloc(0)],
  ])('is hashed again when the kept one %s', async (_, bytes) => {
    const { open, counted, kept } = await setUp({ bytes: BYTES });
    await open().keep(FILE, LIST);
    await writeFile(kept, bytes);
    expect(await open().kept(FILE)).toBeUndefined();
    expect(Buffer.from((await open().of(FILE, { signal })) ?? [])).toEqual(LIST);
    expect(Buffer.from((await open().kept(FILE)) ?? [])).toEqual(LIST);
    expect(counted.hashed).toBe(1);
  });

  it('is nothing for a file that was announced without chunks', async () => {
    const { open, counted } = await setUp({ bytes: BYTES });
    const { chunks: _, ...plain } = FILE;
    expect(await open().of(plain, { signal })).toBeUndefined();
    expect(counted.hashed).toBe(0);
  });

  it('is nothing for a file with a root that is not its own, which is found out once', async () => {
    const { open, counted } = await setUp({ bytes: someBytes(BYTES.length, 2) });
    const lists = open();
    expect([await lists.of(FILE, { signal }), await lists.of(FILE, { signal })]).toEqual([undefined, undefined]);
    expect(counted.hashed).toBe(1);
  });

  it('can still come from elsewhere after that', async () => {
    const { open } = await setUp({ bytes: someBytes(BYTES.length, 2) });
    const lists = open();
    await lists.of(FILE, { signal });
    await lists.keep(FILE, LIST);
    expect(Buffer.from((await lists.of(FILE, { signal })) ?? [])).toEqual(LIST);
  });

  it('fails with the file', async () => {
    const { open } = await setUp();
    await thrownBy('FILE_FAILED', () => open().of(FILE, { signal }));
  });

  it('goes on being hashed for the others when one stops waiting', async () => {
    const { open, counted } = await setUp({ bytes: BYTES });
    const lists = open();
    const abort = new AbortController();
    const first = lists.of(FILE, { signal: abort.signal });
    const second = lists.of(FILE, { signal });
    abort.abort('enough');
    await expect(first).rejects.toBe('enough');
    expect(Buffer.from((await second) ?? [])).toEqual(LIST);
    expect(counted.hashed).toBe(1);
  });
});

describe('a list from elsewhere', () => {
  it('is not kept when it is not the announced one', async () => {
    const { open } = await setUp();
    const lists = open();
    await lists.keep(FILE, LIST.subarray(32));
    expect([await lists.kept(FILE), await open().kept(FILE)]).toEqual([undefined, undefined]);
  });

  it('is forgotten with the file', async () => {
    const { open } = await setUp();
    const lists = open();
    await lists.keep(FILE, LIST);
    await lists.forget(FILE);
    expect([await lists.kept(FILE), await open().kept(FILE)]).toEqual([undefined, undefined]);
  });

  it('is remembered while it cannot be written', async () => {
    const folder = join(await temporaryDirectory(), 'a-file');
    await writeFile(folder, '');
    const store = createChunkListStore(folder);
    const lists = createChunkLists({ store, checker: inlineChunkChecker(), pathOf: () => folder });
    await thrownBy('FILE_FAILED', () => store.write(FILE, LIST));
    await lists.keep(FILE, LIST);
    expect(Buffer.from((await lists.kept(FILE)) ?? [])).toEqual(LIST);
  });
});
