import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeDirectory, removeEmpty } from '../../src/durable-file-adapter.ts';
import { entriesUnder } from '../support/folders/entries-under.ts';
import { temporaryDirectory } from '../support/folders/temporary-directory.ts';

const TOO_LONG = 'x'.repeat(300);

describe('a directory that is made', () => {
  it('comes with those above it, and tells which were not there', async () => {
    const folder = await temporaryDirectory();
    expect(await makeDirectory(join(folder, 'a', 'b', 'c'))).toEqual(
      ['a', 'a/b', 'a/b/c'].map((it) => join(folder, it)),
    );
    expect(await makeDirectory(join(folder, 'a', 'b', 'd'))).toEqual([join(folder, 'a', 'b', 'd')]);
    expect(await makeDirectory(join(folder, 'a', 'b'))).toEqual([]);
  });

  it('leaves none of those above it when it cannot be made', async () => {
    const folder = await temporaryDirectory();
    await mkdir(join(folder, 'a'));
    await expect(makeDirectory(join(folder, 'a', 'b', 'c', TOO_LONG))).rejects.toThrow('ENAMETOOLONG');
    expect(entriesUnder(folder)).toEqual(['a']);
  });

  it('is taken away again, but not what somebody else put something into', async () => {
    const folder = await temporaryDirectory();
    const made = await makeDirectory(join(folder, 'a', 'b', 'c'));
    await mkdir(join(folder, 'a', 'other'));
    await removeEmpty(made);
    expect(entriesUnder(folder)).toEqual(['a', 'a/other']);
  });
});
