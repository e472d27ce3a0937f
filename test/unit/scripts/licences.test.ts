import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { licencesOf } from '../../../scripts/licences.ts';
import { temporaryDirectory } from '../../support/folders/temporary-directory.ts';

async function rootWith(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await temporaryDirectory();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

const manifest = (name: string) => JSON.stringify({ name, version: '1.2.3', license: 'MIT' });

describe('the licences of what is taken in', () => {
  it('stand there once for each package, in the order of their names, and none for our own files', async () => {
    const root = await rootWith({
      ...{ 'node_modules/plain/package.json': manifest('plain'), 'node_modules/plain/LICENSE': 'Do as you like.\n' },
      'node_modules/@of/one/package.json': manifest('@of/one'),
      'node_modules/@of/one/licence.md': 'Say whose it is.\n',
    });
    const files = ['src/index.ts', 'node_modules/plain/a.js', 'node_modules/plain/b/c.js', 'node_modules/@of/one/a.js'];
    expect(await licencesOf(files, root)).toBe(
      '@of/one 1.2.3 (MIT)\n\nSay whose it is.\n\nplain 1.2.3 (MIT)\n\nDo as you like.\n',
    );
  });

  it('fail the build where a package brings none', async () => {
    const root = await rootWith({ 'node_modules/bare/package.json': manifest('bare') });
    await expect(licencesOf(['node_modules/bare/a.js'], root)).rejects.toThrow('bare brings no licence');
  });
});
