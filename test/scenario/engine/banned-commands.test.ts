/** What the command line says where one was banned: a program that says "sent" of what nobody gets would be believed. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createControlHandler } from '../../../src/engine/control/control-methods.ts';
import { serveControl } from '../../../src/engine/control/serve-control-adapter.ts';
import { runHere } from '../../support/cli/run-here.ts';
import { createTestEngines, haveOneHead, shareConversation } from '../../support/engine/engines.ts';
import { until } from '../../support/time/until.ts';

it('commands that write, and those that show the log of a home, name the ban while it holds', async () => {
  await using engines = await createTestEngines();
  const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
  const [atAlice, atBob] = await shareConversation(alice, bob);
  const mine = await atBob.send('hello');
  await until(() => haveOneHead(alice, bob));
  const home = await engines.home('bob');
  await using _control = await serveControl(home, createControlHandler(bob));
  const source = join(home, 'conversations', atBob.id);
  const commands = [
    ['send', atBob.id, 'can you hear me?'],
    ['edit', atBob.id, mine.id, 'hello?'],
    ['react', atBob.id, mine.id, '+1'],
    ['send-file', atBob.id, import.meta.filename],
    ['invite', atBob.id, 'a'.repeat(40)],
    ['delete', atBob.id, mine.id],
    ['log', source],
    ['members', source],
    ['timeline', source],
  ];
  const { interaction: file } = await atBob.sendFile(import.meta.filename);
  const run = (args: readonly string[]) => runHere([...args, '--home', home]);
  expect(await run(['send', atBob.id, 'before'])).toMatchObject({ code: 0, stderr: '' });
  expect(await run(['log', source])).toMatchObject({ code: 0, stderr: '' });

  await until(() => haveOneHead(alice, bob));
  await atAlice.ban(bob.account.uri);
  await until(() => atBob.heldBan() !== undefined);

  const says = `You were banned from this conversation by ${alice.account.uri.slice(0, 8)}`;
  for (const command of commands) {
    const { code, stdout, stderr } = await run(command);
    expect({ command, code, stdout, stderr }).toMatchObject({ code: 0, stdout: expect.stringMatching(/./) });
    expect({ command, stderr }).toMatchObject({ stderr: expect.stringContaining(says) });
  }
  const { stdout } = await run(['send', atBob.id, 'anybody?', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ interaction: expect.any(String), ban: { by: alice.account.uri } });
  expect((await run(['why', atBob.id, file.id])).stdout).toContain(`you were banned from ${atBob.id}`);
  const left = await run(['leave', atBob.id]);
  expect(left).toMatchObject({ code: 0, stderr: expect.stringContaining(says) });
});
