/** Who takes part, changed in a running conversation, and what follows from it at once. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { verifyHistory } from '../../../src/conversation/judge/verify-history.ts';
import { openSource } from '../../../src/conversation/repository/open-source-adapter.ts';
import {
  bodies,
  bringIn,
  createTestEngines,
  haveOneHead,
  listen,
  shareConversation,
} from '../../support/engine/engines.ts';
import { temporaryDirectory } from '../../support/folders/temporary-directory.ts';
import { thrownBy } from '../../support/thrown.ts';
import { until } from '../../support/time/until.ts';

it('a ban cuts the links of the banned in the same turn, stops what it was getting, and ends with an unban', async () => {
  await using engines = await createTestEngines();
  const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
  const [atAlice, atBob] = await shareConversation(alice, bob);
  const path = join(await temporaryDirectory(), 'secret.bin');
  await writeFile(path, Buffer.alloc(100_000, 7));

  const { outcome } = await atAlice.ban(bob.account.uri);
  // No wait: the ban is a promise that resolves when all of that has happened.
  expect(outcome).toBe('banned');
  expect(alice.links).toEqual([]);
  expect(atAlice.members()).toContainEqual(expect.objectContaining({ uri: bob.account.uri, role: 'banned' }));
  const { interaction } = await atAlice.sendFile(path);
  // He dials, and is handed the signed commit as he is turned away.
  await until(() => bob.status().bans.length > 0);
  expect(bob.status().bans).toMatchObject([{ conversation: atBob.id, by: alice.account.uri }]);
  expect(bob.conversations.list()).toMatchObject([{ ban: { by: alice.account.uri } }]);
  expect(atBob.heldBan()).toMatchObject({ by: alice.account.uri });
  await atBob.send('can you hear me?');

  await atAlice.unban(bob.account.uri);
  // Both are looked for at once: nobody has to be started again.
  await until(() => haveOneHead(alice, bob));
  // What Bob wrote while he was banned, he wrote on a fork: it is judged by what it descends from.
  expect(bodies(atAlice.timeline())).toEqual(['can you hear me?']);
  expect(atBob.members()).toEqual(atAlice.members());
  expect(bob.status().bans).toEqual([]);
  expect(atBob.heldBan()).toBeUndefined();
  expect(atBob.findFile(interaction.id).interaction).toBe(interaction.id);
  await atBob.send('thank you');
  await until(() => haveOneHead(alice, bob));
});

it('a device that is let in again is linked again', async () => {
  await using engines = await createTestEngines();
  const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
  const [atAlice, atBob] = await shareConversation(alice, bob);
  expect((await atAlice.ban(bob.account.device)).outcome).toBe('banned');
  expect(alice.links).toEqual([]);
  await until(() => bob.status().bans.length > 0);
  await atBob.send('can you hear me?');
  await atAlice.unban(bob.account.device);
  await until(() => haveOneHead(alice, bob));
  expect(bodies(atAlice.timeline())).toEqual(['can you hear me?']);
});

it('a banned member that stays linked through another conversation gets nothing of this one, and is counted', async () => {
  await using engines = await createTestEngines();
  const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
  const [atAlice, atBob] = await shareConversation(alice, bob);
  const path = join(await temporaryDirectory(), 'plan.bin');
  await writeFile(path, Buffer.alloc(100_000, 7));
  const { interaction } = await atAlice.sendFile(path);
  await until(() => haveOneHead(alice, bob));
  await bringIn(await alice.conversations.create(), bob);

  await atAlice.ban(bob.account.uri);
  expect(alice.links.map(({ peer }) => peer.device)).toEqual([bob.account.device]);
  atBob.accept(interaction.id);
  await until(() => (alice.status().requests.declined['not-a-member'] ?? 0) > 0);
  expect(atBob.missing().map((file) => file.interaction)).toEqual([interaction.id]);
  // He is told of the ban on the link that he keeps; of the log that it stands in he gets nothing.
  await until(() => bob.status().bans.length > 0);
  expect(bob.status().bans).toMatchObject([{ conversation: atBob.id, by: alice.account.uri }]);
  expect(atBob.members()).toContainEqual(expect.objectContaining({ uri: bob.account.uri, role: 'member' }));
});

it('everything that can be said reaches the others, and what they hold is valid', async () => {
  await using engines = await createTestEngines();
  const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
  const [atAlice, atBob] = await shareConversation(alice, bob);
  using changes = listen(atAlice);
  const message = await atBob.send('helo');
  await atBob.edit(message.id, 'hello');
  await until(() => haveOneHead(alice, bob));
  const reaction = await atAlice.react(message.id, '👋');
  await atAlice.edit(reaction.id, '👍');
  const reply = await atAlice.send('hello yourself', { replyTo: message.id });
  await atAlice.updateProfile({ description: 'what grows there' });
  await atAlice.startCall('7');
  await atAlice.endCall('7', 61_000);
  await until(() => haveOneHead(alice, bob));

  const entries = atBob.timeline().entries;
  expect(entries.find(({ id }) => id === message.id)).toMatchObject({
    body: 'hello',
    editions: [{ body: 'helo' }],
    reactions: [{ body: '👍', author: alice.account.uri }],
  });
  expect(entries.find(({ id }) => id === reply.id)).toMatchObject({ replyTo: message.id });
  expect(atAlice.timeline()).toEqual(atBob.timeline());
  // The title stays: only what is given changes.
  expect(bob.conversations.list()[0]?.title).toBe('Garden');
  await thrownBy('REFUSED', () => atAlice.edit(message.id, 'mine now'));

  await atBob.leave();
  await until(() => haveOneHead(alice, bob));
  expect(atAlice.members()).toContainEqual(expect.objectContaining({ uri: bob.account.uri, role: 'left' }));
  await thrownBy('REFUSED', () => atBob.send('one more thing'));
  expect(changes.heard).toContainEqual({ kind: 'member', member: expect.objectContaining({ role: 'left' }) });

  await using reader = await openSource(join(await engines.home('alice'), 'conversations', atAlice.id));
  expect(await verifyHistory(reader, { signal: new AbortController().signal })).toMatchObject({ valid: true });
});

it('a conversation between two is one: who was not there from the start is not let in', async () => {
  await using engines = await createTestEngines();
  const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
  const founded = await alice.conversations.create({ with: bob.account.uri });
  expect(founded.mode).toBe('one-to-one');
  await until(() => bob.conversations.invitations().length > 0);
  const atBob = await bob.conversations.join(founded.id);
  await atBob.recordCall({ to: alice.account.uri, duration: 0, reason: 'busy' });
  await until(() => haveOneHead(alice, bob));
  expect(atBob.members().map(({ role }) => role)).toEqual(['admin', 'member']);
  const { data } = await thrownBy('REFUSED', () => founded.invite(bob.account.uri));
  expect(data.reason).toBe('already-a-member');
});
