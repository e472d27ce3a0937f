import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConversationHandle, Engine, SentFile } from '../../../src/engine/engine.ts';
import type { FetchOutcome } from '../../../src/engine/views.ts';
import { chunkRootOf } from '../../../src/fetcher/chunks/chunk-list.ts';
import { CHUNK_BYTES } from '../../../src/limits.ts';
import { createTestEngines, listen, shareConversation } from '../../support/engine/engines.ts';
import { sha3Of, sha256OfChunks, someBytes } from '../../support/fetcher/announced-file.ts';
import { temporaryDirectory } from '../../support/folders/temporary-directory.ts';
import { only } from '../../support/only.ts';
import { until } from '../../support/time/until.ts';

const BYTES = randomBytes(300_000);

async function localFile(name: string, bytes: Uint8Array = BYTES): Promise<string> {
  const path = join(await temporaryDirectory(), name);
  await writeFile(path, bytes);
  return path;
}

/** Where the file stands, or would, in the home of that name. */
async function pathAt(home: Promise<string>, { id }: ConversationHandle, { fileId }: SentFile): Promise<string> {
  return join(await home, 'conversation_data', id, fileId);
}

const isThere = async (path: string) => (await readFile(path).catch(() => undefined))?.equals(BYTES) ?? false;

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** The device lacks the announced file, and knows it. */
const lacks = (handle: ConversationHandle, { interaction }: SentFile) =>
  handle.missing().some((file) => file.interaction === interaction.id);

describe('a file', () => {
  it('that is a picture is fetched unasked, and its sender asks nobody for it', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
    const [atAlice, atBob] = await shareConversation(alice, bob);
    using told = listen(atAlice);
    const sent = await atAlice.sendFile(await localFile('tree.png'));
    const path = await pathAt(engines.home('bob'), atAlice, sent);
    await until(() => isThere(path));
    await until(() => atBob.missing().length === 0);
    expect(only(atBob.transfers())).toMatchObject({ direction: 'receiving', phase: 'complete', bytes: BYTES.length });
    await until(() => sent.transfer()?.phase === 'complete');
    expect(told.heard.filter(({ kind }) => kind === 'request')).toEqual([]);
    expect(only(atAlice.transfers())).toMatchObject({ direction: 'serving' });
  });

  it('that is longer than a chunk is announced with the root of its chunks, and its list is kept', async () => {
    await using engines = await createTestEngines();
    const alice = await engines.start('alice');
    const conversation = await alice.conversations.create();
    const bytes = someBytes(CHUNK_BYTES * 2 + 1);
    const hashes = sha256OfChunks(bytes, CHUNK_BYTES);
    const [long, short] = [
      await conversation.sendFile(await localFile('long.bin', bytes)),
      await conversation.sendFile(await localFile('short.bin', bytes.subarray(0, CHUNK_BYTES))),
    ];
    const chunks = { size: CHUNK_BYTES, root: chunkRootOf(bytes.length, CHUNK_BYTES, hashes) };
    expect(long.interaction.content).toMatchObject({ event: { sha3sum: sha3Of(bytes), chunks } });
    expect(short.interaction.content).not.toHaveProperty('event.chunks');
    const lists = join(await engines.home('alice'), 'cache', 'chunk_hashes', conversation.id);
    expect(await readdir(lists)).toEqual([long.fileId]);
    expect(await readFile(join(lists, long.fileId))).toEqual(hashes);
  });

  it('that is lost comes back by itself', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
    const [atAlice, atBob] = await shareConversation(alice, bob);
    const sent = await atAlice.sendFile(await localFile('tree.png'));
    const path = await pathAt(engines.home('bob'), atAlice, sent);
    await until(() => isThere(path));
    await until(() => atBob.missing().length === 0);

    await rm(path);
    await until(() => isThere(path));
    await writeFile(path, 'damaged');
    await until(() => isThere(path));
    await until(() => atBob.missing().length === 0);
  });

  it('that was lost while the engine was down comes back when it is up again', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
    const [atAlice, atBob] = await shareConversation(alice, bob);
    const sent = await atAlice.sendFile(await localFile('tree.png'));
    const path = await pathAt(engines.home('bob'), atAlice, sent);
    await until(() => isThere(path));
    await until(() => atBob.missing().length === 0);
    await bob.close();
    await rm(path);
    await engines.start('bob');
    await until(() => isThere(path));
  });

  it('waits for the user where the policy says so, until it is fetched', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([
      engines.start('alice'),
      engines.start('bob', { policy: { auto: 'nothing' } }),
    ]);
    const [atAlice, atBob] = await shareConversation(alice, bob);
    const sent = await atAlice.sendFile(await localFile('tree.png'), { displayName: 'Oak.png' });
    await until(() => lacks(atBob, sent));
    expect(only(atBob.missing())).toMatchObject({ displayName: 'Oak.png', waitsFor: { step: 'await-user' } });

    const outcome = only(await all(atBob.fetch()));
    expect(outcome).toMatchObject({ outcome: 'complete', from: [alice.account.device], totalSize: BYTES.length });
    expect(await isThere(await pathAt(engines.home('bob'), atAlice, sent))).toBe(true);
    expect(await all(atBob.fetch())).toEqual([]);
  });

  it('that nobody has now is said to be waiting, or waited for', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([
      engines.start('alice'),
      engines.start('bob', { policy: { auto: 'nothing' } }),
    ]);
    const [atAlice, atBob] = await shareConversation(alice, bob);
    const sent = await atAlice.sendFile(await localFile('tree.png'));
    const interactions = [sent.interaction.id];
    await until(() => lacks(atBob, sent));
    const own = await pathAt(engines.home('alice'), atAlice, sent);
    await rm(own);
    await until(() => lacks(atAlice, sent));

    const waiting = only(await all(atBob.fetch({ interactions })));
    expect(waiting).toMatchObject({ outcome: 'waiting', bytes: 0, from: [] });
    expect(waiting.waitsFor).toContain('every device says that it does not have it');

    const waited: Promise<readonly FetchOutcome[]> = all(atBob.fetch({ interactions, wait: true }));
    await writeFile(own, BYTES);
    expect(only(await waited)).toMatchObject({ outcome: 'complete', from: [alice.account.device] });
  });

  it('that was cancelled stays away until it is asked for', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([
      engines.start('alice'),
      engines.start('bob', { policy: { auto: 'nothing' } }),
    ]);
    const [atAlice, atBob] = await shareConversation(alice, bob);
    const sent = await atAlice.sendFile(await localFile('tree.png'));
    await until(() => lacks(atBob, sent));
    await rm(await pathAt(engines.home('alice'), atAlice, sent));
    await until(() => lacks(atAlice, sent));
    const waited = all(atBob.fetch({ wait: true }));
    await until(() => only(atBob.missing()).rule === 'accepted');
    atBob.cancel(sent.interaction.id);
    expect(only(await waited)).toMatchObject({ outcome: 'cancelled' });
    expect(only(atBob.missing())).toMatchObject({ rule: 'cancelled', waitsFor: { step: 'await-user' } });
  });

  it('comes from whoever has it: not only from its author', async () => {
    await using engines = await createTestEngines();
    const start = (name: string): Promise<Engine> => engines.start(name);
    const [alice, bob] = await Promise.all([start('alice'), start('bob')]);
    const [atAlice, atBob] = await shareConversation(alice, bob);
    const sent = await atAlice.sendFile(await localFile('tree.png'));
    await until(async () => isThere(await pathAt(engines.home('bob'), atAlice, sent)));
    await alice.close();
    const carol = await start('carol');
    await atBob.invite(carol.account.uri);
    await until(() => carol.conversations.invitations().length > 0);
    await carol.conversations.join(atBob.id);
    const path = await pathAt(engines.home('carol'), atBob, sent);
    await until(() => isThere(path));
  });
});
