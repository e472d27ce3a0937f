import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { copyFileTo, copyInPieces } from '../../../../src/fetcher/disk/copy-file-adapter.ts';
import { someBytes } from '../../../support/fetcher/announced-file.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';

const BYTES = Buffer.from(someBytes(300_000));

async function lab() {
  const root = await temporaryDirectory();
  const [source, target] = [join(root, 'source'), join(root, 'target')];
  await writeFile(source, BYTES);
  return { source, target, signal: new AbortController().signal };
}

describe.each([
  ['as the file system can', copyFileTo],
  ['in pieces', copyInPieces],
])('a copy of a file made %s', (_, copy) => {
  it('has all its bytes, and is a file of its own', async () => {
    const { source, target, signal } = await lab();
    await copy(target, source, { signal, onCopied: () => {} });
    expect(BYTES.equals(await readFile(target))).toBe(true);
    expect((await stat(target)).ino).not.toBe((await stat(source)).ino);
  });

  it('takes no name that is taken', async () => {
    const { source, target, signal } = await lab();
    await writeFile(target, 'mine');
    await expect(copy(target, source, { signal, onCopied: () => {} })).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readFile(target, 'utf8')).toBe('mine');
  });

  it('is not begun after the signal', async () => {
    const { source, target } = await lab();
    const signal = AbortSignal.abort();
    await expect(copy(target, source, { signal, onCopied: () => {} })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a copy in pieces', () => {
  it('tells how far it is, up to the end', async () => {
    const { source, target, signal } = await lab();
    const told: number[] = [];
    await copyInPieces(target, source, { signal, onCopied: (bytes, totalSize) => void told.push(bytes / totalSize) });
    expect(told.length).toBeGreaterThan(1);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBe(1);
  });

  it('ends with the signal, in the middle', async () => {
    const { source, target } = await lab();
    const stop = new AbortController();
    const stopped = copyInPieces(target, source, { signal: stop.signal, onCopied: () => stop.abort() });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    expect((await stat(target)).size).toBeLessThan(BYTES.byteLength);
  });
});
