import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { journalDirectoryOf, openHome } from '../../../../src/engine/home/home-adapter.ts';
import { makeOlderHome } from '../../../support/engine/older-home.ts';
import { commitId } from '../../../support/events/interactions.ts';
import { entriesUnder } from '../../../support/folders/entries-under.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';
import { thrownBy } from '../../../support/thrown.ts';

describe('a home', () => {
  it('keeps its DHT key over the years', async () => {
    const path = await temporaryDirectory();
    const [first, second] = [await openHome(path), await openHome(path)];
    expect(first.dhtSeed).toHaveLength(32);
    expect(second.dhtSeed).toEqual(first.dhtSeed);
    expect((await openHome(await temporaryDirectory())).dhtSeed).not.toEqual(first.dhtSeed);
  });

  it('is for its owner’s eyes', async () => {
    const path = await temporaryDirectory();
    await openHome(path);
    const mode = async (name: string) => (await stat(join(path, name))).mode & 0o777;
    expect(await mode('dht.seed')).toBe(0o600);
    for (const folder of ['conversations', 'conversation_data']) expect(await mode(folder)).toBe(0o700);
  });

  it('states its version; one of a newer program is left alone', async () => {
    const path = await temporaryDirectory();
    await openHome(path);
    expect(JSON.parse(await readFile(join(path, 'home.json'), 'utf8'))).toEqual({ version: 2 });
    await writeFile(join(path, 'home.json'), '{"version":3}');
    const before = entriesUnder(path);
    expect((await thrownBy('HOME_TOO_NEW', () => openHome(path))).data).toMatchObject({ version: 3, known: 2 });
    await thrownBy('HOME_TOO_NEW', () => journalDirectoryOf(path));
    expect(entriesUnder(path)).toEqual(before);
  });

  it('of an older program becomes one of this, and keeps what is in it', async () => {
    const path = await temporaryDirectory();
    const older = makeOlderHome(path);
    const home = await openHome(path);
    expect(Buffer.from(home.dhtSeed)).toEqual(older.seed);
    expect(await readFile(join(home.chunkListsDirectory, older.chunkList))).toEqual(older.hashes);
    expect(entriesUnder(path)).not.toContain('chunk_hashes');
    expect(JSON.parse(await readFile(join(path, 'home.json'), 'utf8'))).toEqual({ version: 2 });
  });

  it('whose version is lost is opened, whatever is in its place already', async () => {
    const path = await temporaryDirectory();
    await openHome(path);
    const older = makeOlderHome(path);
    await rm(join(path, 'home.json'));
    await mkdir(join(path, 'cache', 'chunk_hashes', 'other'), { recursive: true });
    expect(Buffer.from((await openHome(path)).dhtSeed)).toEqual(older.seed);
    expect(entriesUnder(path)).not.toContain('chunk_hashes');
  });

  it('marks what need not be backed up', async () => {
    const path = await temporaryDirectory();
    await openHome(path);
    await rm(join(path, 'cache'), { recursive: true });
    await openHome(path);
    expect(await readFile(join(path, 'cache', 'CACHEDIR.TAG'), 'utf8')).toMatch(
      /^Signature: 8a477f597d28d172789f06886806bc55\n/,
    );
  });

  it.each([
    ['home.json', ''],
    ['home.json', '{"version":"one"}'],
    ['dht.seed', 'short'],
  ])('with a damaged %s (%j) is not opened, and nothing is overwritten', async (name, text) => {
    const path = await temporaryDirectory();
    await openHome(path);
    await writeFile(join(path, name), text);
    expect((await thrownBy('STORE_CORRUPT', () => openHome(path))).data.path).toBe(join(path, name));
    expect(await readFile(join(path, name), 'utf8')).toBe(text);
  });

  it('knows its conversations by their folders, whatever else lies there', async () => {
    const path = await temporaryDirectory();
    const home = await openHome(path);
    for (const name of [commitId(1), 'not one', `${commitId(2)}.tmp`]) {
      await mkdir(join(home.conversationsDirectory, name));
    }
    expect(await home.conversations()).toEqual([commitId(1)]);
  });

  it('does not take a folder of conversations that cannot be read for an empty one', async () => {
    const home = await openHome(await temporaryDirectory());
    await rm(home.conversationsDirectory, { recursive: true });
    expect(await home.conversations()).toEqual([]);
    await writeFile(home.conversationsDirectory, 'no folder');
    await thrownBy('FILE_FAILED', () => home.conversations());
  });
});
