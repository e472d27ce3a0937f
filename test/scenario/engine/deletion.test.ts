import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConversationHandle, EngineOptions, SentFile } from '../../../src/engine/engine.ts';
import { bringIn, createTestEngines, shareConversation, type TestEngines } from '../../support/engine/engines.ts';
import { temporaryDirectory } from '../../support/folders/temporary-directory.ts';
import { thrownBy } from '../../support/thrown.ts';
import { until } from '../../support/time/until.ts';

const MiB = 1024 * 1024;

async function localFile(name: string, size = 300_000): Promise<string> {
  const path = join(await temporaryDirectory(), name);
  await writeFile(path, randomBytes(size));
  return path;
}

async function dataAt(engines: TestEngines, name: string, { id }: ConversationHandle): Promise<string> {
  return join(await engines.home(name), 'conversation_data', id);
}

const namesIn = (folder: string) => readdir(folder).catch(() => []);
const deletedAt = (handle: ConversationHandle, { interaction }: SentFile) => handle.findFile(interaction.id).isDeleted;

/** Alice has sent a picture, and Bob has it. */
async function pictureAtBoth(engines: TestEngines, bobsOptions: Partial<EngineOptions> = {}) {
  const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob', bobsOptions)]);
  const [atAlice, atBob] = await shareConversation(alice, bob);
  const sent = await atAlice.sendFile(await localFile('tree.png'));
  const [pathAtAlice, pathAtBob] = await Promise.all(
    ['alice', 'bob'].map(async (name) => join(await dataAt(engines, name, atAlice), sent.fileId)),
  );
  await until(() => existsSync(`${pathAtBob}`) && atBob.missing().length === 0);
  return { alice, bob, atAlice, atBob, sent, pathAtAlice: `${pathAtAlice}`, pathAtBob: `${pathAtBob}` };
}

describe('a file whose message is deleted', () => {
  it('is gone where it was deleted, stays with others, and nobody is served with it any more', async () => {
    await using engines = await createTestEngines();
    const { atAlice, atBob, sent, pathAtAlice, pathAtBob } = await pictureAtBoth(engines);
    await atAlice.delete(sent.interaction.id);
    expect(existsSync(pathAtAlice)).toBe(false);
    await until(() => deletedAt(atBob, sent));
    expect(existsSync(pathAtBob)).toBe(true);

    const carol = await engines.start('carol', { policy: { auto: 'all' } });
    const atCarol = await bringIn(atAlice, carol);
    expect(atCarol.missing()).toEqual([]);
    expect(await namesIn(await dataAt(engines, 'carol', atCarol))).toEqual([]);
  });

  it('goes from another member’s disk as well when that member’s policy says so', async () => {
    await using engines = await createTestEngines();
    const policy = { auto: 'pictures', deleteWhenTakenBack: true } as const;
    const { atAlice, atBob, sent, pathAtBob } = await pictureAtBoth(engines, { policy });
    await atAlice.delete(sent.interaction.id);
    await until(() => deletedAt(atBob, sent) && !existsSync(pathAtBob));
  });

  it('stops arriving, and leaves nothing of it here', async () => {
    await using engines = await createTestEngines();
    const slowly = { policy: { auto: 'all' }, bandwidth: { down: 200_000 } } as const;
    const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob', slowly)]);
    const [atAlice, atBob] = await shareConversation(alice, bob);
    const sent = await atAlice.sendFile(await localFile('film.mkv', 10 * MiB));
    await until(() => atBob.transfers().some(({ phase, bytes }) => phase === 'running' && bytes > 0));
    await atAlice.delete(sent.interaction.id);
    await until(() => deletedAt(atBob, sent));
    await until(async () => (await namesIn(await dataAt(engines, 'bob', atBob))).length === 0);
    await until(() => alice.status().transfers.every(({ phase }) => phase !== 'running'));
    expect(atBob.missing()).toEqual([]);
  });

  it('is only its author’s to delete, and only once', async () => {
    await using engines = await createTestEngines();
    const { atAlice, atBob, sent } = await pictureAtBoth(engines);
    const refusal = await thrownBy('REFUSED', () => atBob.delete(sent.interaction.id));
    expect(refusal.data.reason).toBe('not-the-author');
    await atAlice.delete(sent.interaction.id);
    const again = await thrownBy('REFUSED', () => atAlice.delete(sent.interaction.id));
    expect(again.data.reason).toBe('already-deleted');
  });

  it('may be one that nobody fetched: then there is nothing to remove', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
    const [atAlice, atBob] = await shareConversation(alice, bob);
    const sent = await atAlice.sendFile(await localFile('notes.txt'));
    await until(() => atBob.missing().length === 1);
    await atAlice.delete(sent.interaction.id);
    await until(() => deletedAt(atBob, sent));
    expect(atBob.missing()).toEqual([]);
  });
});
