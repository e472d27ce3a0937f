import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openHome } from '../../../src/engine/home-adapter.ts';
import { commitId } from '../../support/interactions.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { thrownBy } from '../../support/thrown.ts';

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
    expect(JSON.parse(await readFile(join(path, 'home.json'), 'utf8'))).toEqual({ version: 1 });
    await writeFile(join(path, 'home.json'), '{"version":2}');
    expect((await thrownBy('HOME_TOO_NEW', () => openHome(path))).data).toMatchObject({ version: 2, known: 1 });
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
});
