/** docs/architecture.md says what is in each folder of the sources, down to the second level. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const PAGE = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');

function foldersIn(path: string): readonly string[] {
  return readdirSync(join(ROOT, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

it.each(foldersIn('src'))('has a row for src/%s and names all that is in it', (folder) => {
  expect(PAGE).toContain(`| \`src/${folder}\` |`);
  const start = PAGE.indexOf(`\n| \`${folder}\` |`);
  const rows = PAGE.slice(start + 1).split(/\n(?!\| \|)/)[0] ?? '';
  const unnamed = foldersIn(`src/${folder}`).filter((room) => !rows.includes(`\`${room}\``));
  expect(unnamed).toEqual([]);
});
