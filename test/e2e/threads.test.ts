import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const DIST = join(ROOT, 'dist');
const STARTS = /new URL\("\.\/([a-z0-9-]+)", import\.meta\.url\)/g;

describe('the built program', () => {
  it('has every thread beside the files that start it', async () => {
    const sources = await readdir(join(ROOT, 'src'), { recursive: true });
    const threads = sources.filter((file) => file.endsWith('-worker.ts')).map((file) => basename(file, '.ts'));
    const built = (await readdir(DIST)).filter((file) => file.endsWith('.js'));
    const started = new Set<string>();
    for (const file of built) {
      const code = await readFile(join(DIST, file), 'utf8');
      for (const [, thread = ''] of code.matchAll(STARTS)) started.add(thread);
    }
    expect([...started].sort()).toEqual(threads.sort());
    expect(threads.filter((thread) => !existsSync(join(DIST, `${thread}.js`)))).toEqual([]);
  });
});
