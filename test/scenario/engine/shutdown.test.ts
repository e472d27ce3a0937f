import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTestEngines, shareConversation } from '../../support/engine/engines.ts';
import { until } from '../../support/time/until.ts';

const PROGRAM = new URL('../../support/engine/engine-process.ts', import.meta.url);
/** Far above what closing takes on a busy machine, below the deadlines that could be waited for by mistake. */
const SECONDS = 20_000;

describe('an engine that is closed', () => {
  it('leaves nothing running: its process ends by itself', async () => {
    await using engines = await createTestEngines();
    const child = fork(PROGRAM, [await engines.home('alice'), ...engines.bootstrap], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    await once(child, 'message');
    const exit = once(child, 'exit');
    const start = performance.now();
    child.send('close');
    const timer = setTimeout(() => child.kill('SIGKILL'), 2 * SECONDS);
    expect(await exit).toEqual([0, null]);
    clearTimeout(timer);
    expect(performance.now() - start).toBeLessThan(SECONDS);
  });

  it('is done within seconds, with links, transfers and questions under way', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
    const [atAlice] = await shareConversation(alice, bob);
    await alice.conversations.create();
    const sending = atAlice.send('last words').catch(() => undefined);
    const start = performance.now();
    await Promise.all([alice.close(), bob.close(), sending]);
    expect(performance.now() - start).toBeLessThan(SECONDS);
    expect(alice.links).toEqual([]);
  });

  it('can be closed twice, and its subscribers come to an end', async () => {
    await using engines = await createTestEngines();
    const alice = await engines.start('alice');
    const conversation = await alice.conversations.create();
    const changes = conversation.changes({ signal: new AbortController().signal });
    await Promise.all([alice.close(), alice.close()]);
    const kinds: string[] = [];
    for await (const { kind } of changes) kinds.push(kind);
    expect(kinds).toEqual([]);
  });

  it('takes nothing more: the home may be another engine’s by now', async () => {
    await using engines = await createTestEngines();
    const alice = await engines.start('alice');
    const conversation = await alice.conversations.create();
    const head = alice.conversations.list()[0]?.head;
    await alice.close();
    await expect(conversation.send('late')).rejects.toThrow();
    await expect(alice.conversations.create()).rejects.toThrow();
    const again = await engines.start('alice');
    expect(again.conversations.list().map((one) => one.head)).toEqual([head]);
  });

  it('leaves no temporary file in the home', async () => {
    await using engines = await createTestEngines();
    const alice = await engines.start('alice');
    await alice.conversations.create();
    await alice.close();
    const home = await engines.home('alice');
    const names = await readdir(home);
    expect(names.filter((name) => name.includes('tmp'))).toEqual([]);
    await until(async () => (await readdir(join(home, 'conversations'))).length === 1);
  });
});
