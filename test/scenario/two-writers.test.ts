import { execFileSync } from 'node:child_process';
import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cloneConversation } from '../../src/conversation/clone/clone-conversation.ts';
import type { Conversation, PullOutcome } from '../../src/conversation/conversation.ts';
import { verifyHistory } from '../../src/conversation/judge/verify-history.ts';
import { openConversation } from '../../src/conversation/open-conversation.ts';
import { createConversation } from '../../src/conversation/write/create-conversation.ts';
import type { DeviceKeys } from '../../src/identity/identity.ts';
import { temporaryDirectory } from '../support/folders/temporary-directory.ts';
import { secondTestDevice, TEST_NOW, testAccount, testRandom } from '../support/identity/accounts.ts';
import { channelPair } from '../support/net/channel-pair.ts';
import { describeNeeding, stockGit } from '../support/runner/needs.ts';
import { thrownBy } from '../support/thrown.ts';
import { createVirtualClock } from '../support/time/virtual-clock.ts';

const { signal } = new AbortController();
const clock = createVirtualClock(TEST_NOW + 86_400_000);

/** One side serves, the other does something with its end of the channel. */
async function withServer<Result>(
  server: Conversation,
  use: (channel: ReturnType<typeof channelPair>['left']) => Promise<Result>,
): Promise<Result> {
  const pair = channelPair('git');
  const served = server.serve(pair.right, { signal });
  try {
    return await use(pair.left);
  } finally {
    await pair.left.end({ signal });
    await served;
  }
}

const pull = (to: Conversation, from: Conversation): Promise<PullOutcome> =>
  withServer(from, (channel) => to.pull(channel, { signal }));

const clone = (keys: DeviceKeys, directory: string, from: Conversation): Promise<Conversation> =>
  withServer(from, (channel) => cloneConversation({ directory, id: from.id, keys, clock, channel, signal }));

/** Alice founds a group and invites Bob, who clones it and joins. */
async function aliceAndBob() {
  const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
  const [aliceHome, bobHome] = [await temporaryDirectory(), await temporaryDirectory()];
  const ours = await createConversation(
    { directory: aliceHome, keys: alice, clock, random: testRandom },
    { mode: 'invites-only' },
  );
  onTestFinished(() => ours.close());
  await ours.append({ kind: 'invite-member', uri: bob.account });
  const theirs = await clone(bob, bobHome, ours);
  onTestFinished(() => theirs.close());
  await theirs.append({ kind: 'join-conversation' });
  await pull(ours, theirs);
  return { ours, theirs, alice, bob, aliceHome, bobHome };
}

/** The conversation as it stands, frozen. */
async function copyOf(conversation: Conversation, { keys, directory }: { keys: DeviceKeys; directory: string }) {
  const copy = await temporaryDirectory();
  // Waits until what was said last is in place.
  await conversation.repository.checkOut();
  await cp(join(directory, conversation.id), join(copy, conversation.id), { recursive: true });
  const opened = await openConversation({ directory: copy, id: conversation.id, keys, clock });
  onTestFinished(() => opened.close());
  return opened;
}

const say = (conversation: Conversation, body: string) => conversation.append({ kind: 'send-text', body });
const ids = (conversation: Conversation) => conversation.interactions().map(({ id }) => id);
const texts = (conversation: Conversation) =>
  conversation
    .interactions()
    .flatMap(({ content }) =>
      content.outcome === 'known' && content.event.kind === 'message-sent' ? content.event.body : [],
    );

function gitSays(directory: string, ...args: string[]): string {
  return execFileSync('git', ['-C', directory, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('two devices that write and pull from each other', () => {
  it('agree on members and history after an invitation, a clone and a join', async () => {
    const { ours, theirs, alice, bob } = await aliceAndBob();
    expect(ids(ours)).toEqual(ids(theirs));
    expect([...ours.membership().members.values()].map(({ uri, role }) => [uri, role]).sort()).toEqual(
      [
        [alice.account, 'admin'],
        [bob.account, 'member'],
      ].sort(),
    );
    expect(theirs.membership()).toEqual(ours.membership());
    expect(theirs.membership().members.get(bob.account)?.devices).toEqual([bob.device]);
  });

  it('end on the same head and order after both wrote at the same time', async () => {
    const { ours, theirs } = await aliceAndBob();
    for (const body of ['one', 'two', 'three']) {
      await say(ours, `alice ${body}`);
      await clock.advance(1000);
      await say(theirs, `bob ${body}`);
      await clock.advance(1000);
    }
    const merged = await pull(ours, theirs);
    expect(merged).toMatchObject({ outcome: 'admitted', merged: ours.head() });
    if (merged.outcome === 'admitted') expect(merged.interactions).toHaveLength(4);
    expect(await pull(theirs, ours)).toMatchObject({ outcome: 'admitted', head: ours.head() });
    expect(await pull(ours, theirs)).toEqual({ outcome: 'up-to-date' });
    expect(theirs.head()).toBe(ours.head());
    expect(theirs.interactions()).toEqual(ours.interactions());
    expect(theirs.interactions('jami')).toEqual(ours.interactions('jami'));
    expect(texts(ours)).toEqual(['alice one', 'bob one', 'alice two', 'bob two', 'alice three', 'bob three']);
    expect(await verifyHistory(theirs.repository, { signal })).toMatchObject({
      conversation: ours.id,
      valid: true,
      problems: [],
      merges: 1,
    });
  });

  it('agree through criss-cross merges, when each merged the head that the other had before it merged', async () => {
    const { ours, theirs, bob, bobHome } = await aliceAndBob();
    for (const round of [1, 2, 3]) {
      await say(ours, `alice ${round}`);
      await say(theirs, `bob ${round}`);
      const before = await copyOf(theirs, { keys: bob, directory: bobHome });
      expect(await pull(theirs, ours)).toMatchObject({ outcome: 'admitted', merged: theirs.head() });
      expect(await pull(ours, before)).toMatchObject({ outcome: 'admitted', merged: ours.head() });
      expect(ours.head()).not.toBe(theirs.head());
      await say(ours, `alice after ${round}`);
      expect(await pull(theirs, ours)).toMatchObject({ outcome: 'admitted', merged: theirs.head() });
      await pull(ours, theirs);
      expect(ours.head()).toBe(theirs.head());
      expect(ids(ours)).toEqual(ids(theirs));
    }
    expect(await verifyHistory(ours.repository, { signal })).toMatchObject({ problems: [], merges: 9 });
  });

  it('opens again as it was closed, and never dates a commit before its parent', async () => {
    const { ours, aliceHome, alice } = await aliceAndBob();
    const last = await say(ours, 'before');
    const before = ours.interactions();
    await ours.close();
    const late = createVirtualClock(TEST_NOW);
    const again = await openConversation({ directory: aliceHome, id: ours.id, keys: alice, clock: late });
    onTestFinished(() => again.close());
    expect(again.interactions()).toEqual(before);
    expect((await say(again, 'after')).committedAt).toBe(last.committedAt);
    expect(texts(again)).toEqual(['before', 'after']);
  });

  it('lets a second device of a member write: its first commit brings its certificate along', async () => {
    const { ours, theirs } = await aliceAndBob();
    const second = await secondTestDevice('bob');
    const home = await temporaryDirectory();
    const other = await clone(second, home, theirs);
    onTestFinished(() => other.close());
    const said = await say(other, 'from my second device');
    expect(said.author).toBe(second.account);
    expect(await pull(ours, other)).toMatchObject({ outcome: 'admitted', head: said.id });
    expect(ours.membership().members.get(second.account)?.devices).toContain(second.device);
  });

  it('turns away whom nobody invited, and leaves nothing behind', async () => {
    const { ours } = await aliceAndBob();
    const [carol, home] = [await testAccount('carol'), await temporaryDirectory()];
    await thrownBy('NOT_INVITED', () => clone(carol, home, ours));
    expect(await readdir(home)).toEqual([]);
  });
});

describeNeeding(stockGit, 'the repositories of two devices that merged', () => {
  it('are clean to git, work tree included, with the head that both have', async () => {
    const { ours, theirs, aliceHome, bobHome } = await aliceAndBob();
    await say(ours, 'alice');
    await say(theirs, 'bob');
    await pull(ours, theirs);
    await pull(theirs, ours);
    for (const home of [aliceHome, bobHome]) {
      const directory = join(home, ours.id);
      expect(gitSays(directory, 'fsck', '--full', '--strict')).toBe('');
      expect(gitSays(directory, 'status', '--porcelain')).toBe('');
      expect(gitSays(directory, 'rev-parse', 'refs/heads/main').trim()).toBe(ours.head());
    }
  });
});
