/** One word per thing: the words that the glossary replaces do not come back as names. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../../../src');
const GLOSSARY = readFileSync(resolve(SRC, '../docs/glossary.md'), 'utf8');

/** The word that is not used, and the one of the glossary that is. */
const REPLACED = {
  chat: 'conversation',
  contact: 'member',
  user: 'member',
  tracker: 'discovery',
  endpoint: 'candidate',
  download: 'fetch',
  upload: 'announce',
  seeder: 'source',
  provider: 'source',
  job: 'transfer',
  checksum: 'digest',
  attachment: 'file',
  snapshot: 'checkpoint',
  bookmark: 'checkpoint',
  predecessor: 'linearized parent',
  reducer: 'projection',
} as const;

/** Words that say nothing of what a thing is. */
const EMPTY = ['manager', 'helper', 'helpers', 'util', 'utils', 'service', 'impl'];

/** The word is git's own there: the program is called so. */
const FOREIGN: ReadonlySet<string> = new Set(['serveUploadPack']);

const exported = sourceFiles().flatMap((file) =>
  [
    ...readFileSync(file, 'utf8').matchAll(/^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm),
  ].flatMap(([, name]) => (name ? [{ name, file: file.slice(SRC.length + 1) }] : [])),
);

describe('exported names', () => {
  it('are found', () => {
    expect(exported.map(({ name }) => name)).toEqual(expect.arrayContaining(['createEngine', 'linearize', 'DeviceId']));
  });

  it.each(Object.entries(REPLACED))('never say %s for %s', (word, instead) => {
    expect(GLOSSARY.toLowerCase()).toContain(instead);
    expect(exported.filter(({ name }) => !FOREIGN.has(name) && wordsOf(name).includes(word))).toEqual([]);
  });

  it.each(EMPTY)('never say %s', (word) => {
    expect(exported.filter(({ name }) => wordsOf(name).includes(word))).toEqual([]);
  });
});

function sourceFiles(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(SRC, name));
}

/** `createDhtNode` → create, dht, node; `TIMELINE_PAGE` → timeline, page. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[ _]/)
    .map((word) => word.toLowerCase());
}
