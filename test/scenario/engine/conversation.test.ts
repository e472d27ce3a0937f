import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConversationHandle, Engine } from '../../../src/engine/engine.ts';
import { openJournal } from '../../../src/engine/journal/hypercore-adapter.ts';
import { bodies, createTestEngines, haveOneHead, listen, shareConversation } from '../../support/engine/engines.ts';
import { thrownBy } from '../../support/thrown.ts';
import { until } from '../../support/time/until.ts';

/** Founded, named, invited, joined. */
const COMMITS_OF_A_PAIR = 4;
const ROUNDS = 5;

const commitsOf = (engine: Engine) => engine.conversations.list()[0]?.interactions ?? 0;

async function talkAtOnce(one: ConversationHandle, other: ConversationHandle): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    await Promise.all([one.send(`one ${round}`), other.send(`other ${round}`)]);
  }
  await until(() => [one, other].every((handle) => bodies(handle.timeline()).length === 2 * ROUNDS));
}

describe('two engines', () => {
  it('talk at the same time and end with one history', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
    const [atAlice, atBob] = await shareConversation(alice, bob);
    await talkAtOnce(atAlice, atBob);
    await until(() => haveOneHead(alice, bob));

    expect(atAlice.timeline()).toEqual(atBob.timeline());
    expect(atAlice.members()).toEqual(atBob.members());
    for (const who of ['one', 'other']) {
      const own = bodies(atAlice.timeline()).filter((body) => body.startsWith(`${who} `));
      expect(own).toEqual(Array.from({ length: ROUNDS }, (_, round) => `${who} ${round}`));
    }
    expect(bob.conversations.list()).toEqual(alice.conversations.list());
    expect(alice.conversations.list()[0]?.title).toBe('Garden');
  });

  it('merge no more than once for each time both went on, and never again once they agree', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
    const [atAlice, atBob] = await shareConversation(alice, bob);
    await talkAtOnce(atAlice, atBob);
    await until(() => haveOneHead(alice, bob));
    const commits = commitsOf(alice);
    expect(commits - COMMITS_OF_A_PAIR - 2 * ROUNDS).toBeLessThanOrEqual(2 * ROUNDS);

    // Whoever speaks alone adds one commit: nobody merges what is one history already.
    for (const [speaker, listener] of [
      [atAlice, bob],
      [atBob, alice],
    ] as const) {
      const { id } = await speaker.send('alone');
      await until(() => listener.conversations.list()[0]?.head === id);
    }
    expect([commitsOf(alice), commitsOf(bob)]).toEqual([commits + 2, commits + 2]);
  });

  it('tell their subscribers of members, messages and links as they come', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
    using atAlice = listen(alice);
    using atBob = listen(bob);
    const founded = await alice.conversations.create({ title: 'Garden' });
    using changes = listen(founded);
    await founded.invite(bob.account.uri);
    await until(() => atBob.heard.some(({ change }) => change.kind === 'invitation'));
    await (await bob.conversations.join(founded.id)).send('hello');
    await until(() => changes.heard.some((change) => change.kind === 'message' && change.entry.kind === 'message'));

    const roles = changes.heard.flatMap((change) => (change.kind === 'member' ? [change.member.role] : []));
    expect(roles).toEqual(['invited', 'member']);
    const links = changes.heard.flatMap((change) => (change.kind === 'link' ? [change] : []));
    expect(links).toContainEqual({ kind: 'link', isUp: true, device: bob.account.device, account: bob.account.uri });

    const invitation = { conversation: founded.id, from: alice.account.uri, mode: 'invites-only', title: 'Garden' };
    expect(atBob.heard).toContainEqual({ conversation: founded.id, change: { kind: 'invitation', invitation } });
    for (const { heard } of [atAlice, atBob])
      expect(heard).toContainEqual({ conversation: founded.id, change: { kind: 'conversation' } });
    // Of what is beside the conversation its own subscribers hear nothing, of the rest the same.
    expect(atAlice.heard).toEqual(
      expect.arrayContaining(changes.heard.map((change) => expect.objectContaining({ change }))),
    );
  });

  it('keep everything over a restart, and hear what was said meanwhile', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
    const [atAlice, atBob] = await shareConversation(alice, bob);
    await atBob.send('before');
    await until(() => haveOneHead(alice, bob));
    const before = bob.conversations.list();
    await bob.close();
    const again = await engines.start('bob');
    expect(again.conversations.list()).toEqual(before);
    expect(again.account).toEqual(bob.account);

    await again.close();
    const { id } = await atAlice.send('meanwhile');
    const third = await engines.start('bob');
    await until(() => third.conversations.list()[0]?.head === id);
    expect(bodies(third.conversations.open(atAlice.id).timeline())).toEqual(['before', 'meanwhile']);
  });

  it('journal every commit that joined their log, cloned ones too, and each once', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
    const [, atBob] = await shareConversation(alice, bob);
    await atBob.send('hello');
    await bob.close();
    await (await engines.start('bob')).close();

    await using journal = await openJournal(join(await engines.home('bob'), 'journal'));
    const admitted: string[] = [];
    for await (const { record } of journal.read(0)) if (record.kind === 'commit-admitted') admitted.push(record.commit);
    const history = bob.conversations.open(atBob.id).timeline();
    expect(new Set(admitted).size).toBe(admitted.length);
    expect(admitted).toEqual(expect.arrayContaining(history.entries.map(({ id }) => id)));
  });

  it('are joined once by two calls at once', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
    const founded = await alice.conversations.create();
    await founded.invite(bob.account.uri);
    await until(() => bob.conversations.invitations().length > 0);
    const joined = await Promise.all([bob.conversations.join(founded.id), bob.conversations.join(founded.id)]);
    expect(joined.map(({ id }) => id)).toEqual([founded.id, founded.id]);
    // Founded, invited, joined: no second join.
    expect(commitsOf(bob)).toBe(3);
    expect(bob.conversations.list()).toHaveLength(1);
    expect(bob.conversations.open(founded.id).members()).toContainEqual(
      expect.objectContaining({ uri: bob.account.uri, role: 'member' }),
    );
  });
});

describe('an engine', () => {
  it('leaves a home alone on which another one runs', async () => {
    await using engines = await createTestEngines();
    const alice = await engines.start('alice');
    const { data } = await thrownBy('HOME_IN_USE', () => engines.start('alice'));
    expect(data.path).toBe(await engines.home('alice'));
    await alice.conversations.create();
    expect(alice.conversations.list()).toHaveLength(1);
  });

  it('frees the home when its signal fires, and refuses what comes later', async () => {
    await using engines = await createTestEngines();
    const ending = new AbortController();
    const first = await engines.start('alice', { signal: ending.signal });
    const conversation = await first.conversations.create();
    ending.abort();
    await first.close();
    const second = await engines.start('alice');
    expect(second.conversations.list().map(({ conversation: id }) => id)).toEqual([conversation.id]);
  });

  it('does not start when its DHT does not answer, and leaves the home to the next', async () => {
    await using engines = await createTestEngines();
    await thrownBy('BOOTSTRAP_UNREACHABLE', () => engines.start('alice', { bootstrap: ['127.0.0.1:9'] }));
    await engines.start('alice');
  });
});
