import { execFileSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { cloneConversation } from '../../src/conversation/clone/clone-conversation.ts';
import type { Repository } from '../../src/conversation/repository/repository.ts';
import { createRepository } from '../../src/conversation/repository/repository-adapter.ts';
import { FLUSH_PACKET, formatPacket } from '../../src/conversation/sync/pkt-line.ts';
import { serveUploadPack } from '../../src/conversation/sync/serve-upload-pack.ts';
import { createConversation } from '../../src/conversation/write/create-conversation.ts';
import type { DeviceKeys } from '../../src/identity/identity.ts';
import { CommitId, conversationFoundedBy, firstCommitOf } from '../../src/ids.ts';
import { PACK_OBJECTS } from '../../src/limits.ts';
import type { Channel } from '../../src/ports.ts';
import { adminFiles, Forge, memberFiles } from '../support/conversation/forge.ts';
import { temporaryDirectory } from '../support/folders/temporary-directory.ts';
import { packOf, wholeEntry } from '../support/git/packs.ts';
import { TEST_NOW, testAccount, testRandom } from '../support/identity/accounts.ts';
import { channelPair } from '../support/net/channel-pair.ts';
import { describeNeeding, stockGit } from '../support/runner/needs.ts';
import { thrownBy } from '../support/thrown.ts';
import { createVirtualClock } from '../support/time/virtual-clock.ts';

const { signal } = new AbortController();
const clock = createVirtualClock(TEST_NOW + 86_400_000);
let alice: DeviceKeys;
let bob: DeviceKeys;

beforeAll(async () => {
  [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
});

/** A hostile peer: serves whatever was forged. */
async function servedFrom(forge: Forge): Promise<{ repository: Repository; root: CommitId }> {
  const repository = await createRepository(await temporaryDirectory());
  onTestFinished(async () => repository[Symbol.asyncDispose]());
  for (const { type, bytes } of forge.objects.values()) await repository.write(type, bytes);
  await repository.moveHead({ from: undefined, to: forge.head });
  let root = forge.head;
  for (let commit = forge.read(root); commit.parents[0]; commit = forge.read(root)) root = commit.parents[0];
  return { repository, root };
}

async function serving<Result>(
  { repository, root }: { repository: Repository; root: CommitId },
  use: (channel: ReturnType<typeof channelPair>['left']) => Promise<Result>,
): Promise<Result> {
  const pair = channelPair('git');
  const served = serveUploadPack(repository, pair.right, { conversation: conversationFoundedBy(root), clock, signal });
  try {
    return await use(pair.left);
  } finally {
    await pair.left.end({ signal });
    await served;
  }
}

/** A group of Alice and Bob as Bob's honest device cloned it, and the forge that goes on with it. */
async function group() {
  const forge = new Forge();
  await forge.found(alice);
  await forge.invite(alice, bob);
  await forge.join(bob);
  const source = await servedFrom(forge);
  const directory = await temporaryDirectory();
  const id = conversationFoundedBy(source.root);
  const conversation = await serving(source, (channel) =>
    cloneConversation({ directory, id, keys: bob, clock, channel, signal }),
  );
  onTestFinished(() => conversation.close());
  return { forge, conversation, directory: join(directory, id) };
}

async function allFiles(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true });
  return entries.filter((name) => !name.startsWith('index')).sort();
}

describe('a pull from a hostile device', () => {
  it('names the first bad commit and its rule, and leaves nothing behind', async () => {
    const { forge, conversation, directory } = await group();
    const [head, files] = [conversation.head(), await allFiles(join(directory, '.git'))];
    await forge.say(alice, 'fine');
    const bad = await forge.commit({ by: bob, says: { type: 'text/plain', body: 'forged' }, signedWith: alice });
    await forge.say(alice, 'on top of it');
    const source = await servedFrom(forge);
    const outcome = await serving(source, (channel) => conversation.pull(channel, { signal }));
    expect(outcome).toMatchObject({ outcome: 'refused', head: forge.head, refusal: { commit: bad, rule: 'V6' } });
    expect(conversation.head()).toBe(head);
    expect(await allFiles(join(directory, '.git'))).toEqual(files);
  });

  it('admits the good part when it is offered alone, afterwards', async () => {
    const { forge, conversation } = await group();
    const good = await forge.say(alice, 'fine');
    const goodSource = await servedFrom(forge);
    await forge.say(bob, 'look', { 'readme.txt': 'x' });
    const badSource = await servedFrom(forge);
    const refused = await serving(badSource, (channel) => conversation.pull(channel, { signal }));
    expect(refused).toMatchObject({ outcome: 'refused', refusal: { rule: 'R49', path: 'readme.txt' } });
    const admitted = await serving(goodSource, (channel) => conversation.pull(channel, { signal }));
    expect(admitted).toMatchObject({ outcome: 'admitted', head: good });
  });

  it('does not fetch a head again that was refused, under whatever name it is announced', async () => {
    const { forge, conversation } = await group();
    const bad = await forge.say(alice, 'look', { 'readme.txt': 'x' });
    const source = await servedFrom(forge);
    const refused = new Set<CommitId>();
    let fetched = 0;
    for (let time = 0; time < 3; time += 1) {
      const outcome = await serving(source, (channel) =>
        conversation.pull(channel, { signal, isRefused: (head) => refused.has(head) }),
      );
      if (outcome.outcome === 'refused') {
        fetched += 1;
        refused.add(outcome.head);
      }
    }
    expect([fetched, [...refused]]).toEqual([1, [bad]]);
    await forge.say(alice, 'and again');
    const onTop = await servedFrom(forge);
    const outcome = await serving(onTop, (channel) =>
      conversation.pull(channel, { signal, isRefused: (head) => refused.has(head) }),
    );
    expect(outcome).toMatchObject({ outcome: 'refused', refusal: { commit: bad, rule: 'R49' } });
  });

  it('judges what the other side hides behind a merge', async () => {
    const { forge, conversation } = await group();
    const fork = forge.head;
    const hidden = await forge.say(bob, 'promote me', { 'admins/x': 'x' });
    forge.rewindTo(fork);
    const fine = await forge.say(alice, 'fine');
    await forge.commit({ by: alice, says: `Merge commit '${hidden}'`, on: [fine, hidden] });
    const source = await servedFrom(forge);
    const outcome = await serving(source, (channel) => conversation.pull(channel, { signal }));
    expect(outcome).toMatchObject({ outcome: 'refused', refusal: { commit: hidden, rule: 'R49' } });
  });

  it('refuses a second history under the name of the first (S2)', async () => {
    const { conversation } = await group();
    const other = new Forge();
    const root = await other.commit({
      by: alice,
      says: { type: 'initial', mode: 2 },
      files: adminFiles(alice),
      seconds: 1,
    });
    const lying = { ...(await servedFrom(other)), root: firstCommitOf(conversation.id) };
    const outcome = await serving(lying, (channel) => conversation.pull(channel, { signal }));
    expect(outcome).toMatchObject({ outcome: 'refused', refusal: { commit: root, rule: 'S2' } });
  });

  it('does not merge with a side on which its own member has left: no merge of its own could be valid there', async () => {
    const { forge, conversation } = await group();
    await conversation.append({ kind: 'send-text', body: 'mine' });
    const files = Object.fromEntries(Object.keys(memberFiles(bob)).map((path) => [path, undefined]));
    await forge.commit({ by: bob, says: { type: 'member', action: 'remove', uri: bob.account }, files });
    const source = await servedFrom(forge);
    const outcome = await serving(source, (channel) => conversation.pull(channel, { signal }));
    expect(outcome).toMatchObject({
      outcome: 'refused',
      head: forge.head,
      refusal: { commit: forge.head, rule: 'V1' },
    });
  });
});

describe('a pack that cannot be taken in', () => {
  /** Answers with that pack, whatever is asked for. */
  async function sending(channel: Channel, head: CommitId, pack: Uint8Array): Promise<void> {
    const say = (...packets: readonly (Uint8Array | string)[]) => channel.send(Buffer.concat(packets.map(bytesOf)));
    await say(formatPacket(`${head} refs/heads/main\0side-band-64k\n`), FLUSH_PACKET);
    for await (const message of channel.messages({ signal })) {
      const asked = Buffer.from(message).toString('latin1');
      if (asked.includes('done\n'))
        await say(formatPacket('NAK\n'), formatPacket(Buffer.concat([Buffer.of(1), pack])), FLUSH_PACKET);
      else if (asked.includes('have ')) await say(formatPacket('NAK\n'));
    }
  }
  const bytesOf = (packet: Uint8Array | string) => Buffer.from(packet);

  it.each([
    ['OBJECT', packOf([wholeEntry('blob', Buffer.alloc(100), 1)])],
    ['R1', packOf([], { count: PACK_OBJECTS + 1 })],
  ] as const)('is refused by %s, as its sender is to be left alone', async (rule, pack) => {
    const { conversation } = await group();
    const pair = channelPair('git');
    const head = CommitId.parse('12'.repeat(20));
    const sent = sending(pair.right, head, pack).catch(() => {});
    const outcome = await conversation.pull(pair.left, { signal });
    expect(outcome).toMatchObject({ outcome: 'refused', why: 'broken', head, refusal: { commit: head, rule } });
    pair.left.close();
    await sent;
  });
});

describe('a clone from a hostile device', () => {
  it('is not begun when its head is known to be bad: the rule is told again, and nothing is fetched', async () => {
    const forge = new Forge();
    await forge.found(alice);
    await forge.invite(alice, bob);
    const source = await servedFrom(forge);
    const directory = await temporaryDirectory();
    const id = conversationFoundedBy(source.root);
    const known = { commit: forge.head, rule: 'R49', message: 'it adds readme.txt', path: 'readme.txt' };
    const knownRefusal = (head: CommitId) => (head === forge.head ? known : undefined);
    const error = await thrownBy('HISTORY_REFUSED', () =>
      serving(source, (channel) =>
        cloneConversation({ directory, id, keys: bob, clock, channel, signal, knownRefusal }),
      ),
    );
    expect(error.data).toEqual({
      ...{ conversation: id, head: forge.head, commit: forge.head, rule: 'R49' },
      ...{ detail: 'it adds readme.txt', path: 'readme.txt' },
    });
    expect(await readdir(directory)).toEqual([]);
  });

  it('leaves alone what stands in the place of the conversation', async () => {
    const { forge, conversation, directory } = await group();
    await conversation.append({ kind: 'send-text', body: 'mine' });
    const head = conversation.head();
    await conversation.close();
    const files = await allFiles(directory);
    await forge.say(alice, 'look', { 'readme.txt': 'x' });
    const source = await servedFrom(forge);
    const again = await serving(source, (channel) =>
      cloneConversation({ directory: dirname(directory), id: conversation.id, keys: bob, clock, channel, signal }),
    );
    onTestFinished(() => again.close());
    expect(again.head()).toBe(head);
    expect(await allFiles(directory)).toEqual(files);
  });

  it('is refused with the rule, and leaves nothing behind', async () => {
    const forge = new Forge();
    await forge.found(alice);
    await forge.invite(alice, bob);
    const bad = await forge.say(alice, 'look', { 'readme.txt': 'x' });
    const source = await servedFrom(forge);
    const directory = await temporaryDirectory();
    const id = conversationFoundedBy(source.root);
    const error = await thrownBy('HISTORY_REFUSED', () =>
      serving(source, (channel) => cloneConversation({ directory, id, keys: bob, clock, channel, signal })),
    );
    expect(error.data).toMatchObject({ conversation: id, commit: bad, rule: 'R49' });
    expect(await readdir(directory)).toEqual([]);
  });

  it('is refused when it is another conversation than asked for (S2)', async () => {
    const forge = new Forge();
    await forge.found(alice, {});
    const source = await servedFrom(forge);
    const wanted = new Forge();
    const root = await wanted.commit({ by: bob, says: { type: 'initial', mode: 2 }, on: [], files: {} });
    const directory = await temporaryDirectory();
    const id = conversationFoundedBy(root);
    const lying = { repository: source.repository, root };
    const error = await thrownBy('HISTORY_REFUSED', () =>
      serving(lying, (channel) => cloneConversation({ directory, id, keys: bob, clock, channel, signal })),
    );
    expect(error.data.rule).toBe('S2');
  });
});

describeNeeding(stockGit, 'what is created', () => {
  it('is what git calls clean, before and after the first words', async () => {
    const directory = await temporaryDirectory();
    const home = { directory, keys: alice, clock, random: testRandom };
    const conversation = await createConversation(home, { mode: 'one-to-one', invited: bob.account });
    onTestFinished(() => conversation.close());
    await conversation.append({ kind: 'send-text', body: 'hello ✓' });
    const path = join(directory, conversation.id);
    expect(execFileSync('git', ['-C', path, 'fsck', '--full', '--strict'], { encoding: 'utf8' })).toBe('');
    expect(execFileSync('git', ['-C', path, 'ls-files'], { encoding: 'utf8' }).trim().split('\n')).toEqual([
      `admins/${alice.account}.crt`,
      `devices/${alice.device}.crt`,
      `invited/${bob.account}`,
    ]);
    expect(await readdir(directory)).toEqual([conversation.id]);
    const copy = await temporaryDirectory();
    execFileSync('git', ['clone', '-q', path, copy]);
    expect(await readdir(copy)).toContain('admins');
  });
});
