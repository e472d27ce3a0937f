/** Two processes whose users wrote hundreds of messages each while they were apart: in the end there is one log of all of them. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openConversation } from '../../src/conversation/open-conversation.ts';
import { nodeClock } from '../../src/engine/node-ports-adapter.ts';
import { loadDeviceKeys } from '../../src/identity/account-store-adapter.ts';
import { ConversationId } from '../../src/ids.ts';
import { runCli } from '../support/cli/built-program.ts';
import { type Device, startEngine, until } from '../support/cli/device.ts';
import { twoDevices } from '../support/cli/two-devices.ts';
import { fsck, git } from '../support/git/stock-git.ts';
import { describeNeeding, stockGit } from '../support/runner/needs.ts';

/** Of each of the two. */
const MESSAGES = 600;

/** As an engine without a link would write them. */
async function writeMany({ home }: Device, id: ConversationId): Promise<readonly string[]> {
  const keys = await loadDeviceKeys(home, { now: nodeClock.now() });
  const directory = join(home, 'conversations');
  await using conversation = await openConversation({ directory, id, keys, clock: nodeClock });
  const writing = Array.from({ length: MESSAGES }, (_, n) =>
    conversation.append({ kind: 'send-text', body: `number ${n} of ${keys.name}` }),
  );
  return (await Promise.all(writing)).map((said) => said.id);
}

describeNeeding(stockGit, 'two processes with long forks of one log', () => {
  it('come to one head, which holds every commit of both, and no rule is broken', async () => {
    await using stage = await twoDevices();
    const { alice, bob, bootstrap } = stage;
    const id = ConversationId.parse(stage.conversation);
    const written = [...(await writeMany(alice, id)), ...(await writeMany(bob, id))];
    const engines = [await startEngine(alice, bootstrap), await startEngine(bob, bootstrap)];
    await until(async () => (await alice.head()) === (await bob.head()));
    await Promise.all(engines.map((engine) => engine.kill('SIGTERM')));
    for (const { home } of [alice, bob]) {
      const folder = join(home, 'conversations', id);
      const log = new Set((await git(folder, 'rev-list', 'HEAD')).stdout.split('\n'));
      expect(written.filter((commit) => !log.has(commit))).toEqual([]);
      expect(await fsck(folder)).toBe('');
    }
    // Equal heads have the same commits: one of the two is judged anew.
    expect(await runCli(['verify', join(bob.home, 'conversations', id)])).toMatchObject({ code: 0 });
  });
});
