/**
 * What Jami's daemon asserts in its tests of a conversation's repository, each case by the name it has there,
 * with what is asserted there. Where that implementation leaves a case to its validator, so do we, and the rule is named.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { cloneConversation } from '../../src/conversation/clone/clone-conversation.ts';
import type { Conversation } from '../../src/conversation/conversation.ts';
import { verifyHistory } from '../../src/conversation/judge/verify-history.ts';
import { createHistoryReader } from '../../src/conversation/log/history-reader.ts';
import { changesBetween } from '../../src/conversation/tree/tree-changes.ts';
import { createConversation } from '../../src/conversation/write/create-conversation.ts';
import { selfOf } from '../../src/conversation/write/self.ts';
import type { DeviceKeys } from '../../src/identity/identity.ts';
import { verify } from '../../src/identity/signature.ts';
import { project } from '../../src/projections/projection.ts';
import { timeline } from '../../src/projections/timeline/timeline.ts';
import { timelinePage } from '../../src/projections/timeline/timeline-page.ts';
import { attachment, CHECKPOINT } from '../support/conformance/cast.ts';
import { adminFiles, Forge, memberFiles } from '../support/conversation/forge.ts';
import { expectRefused, expectValid, foundGroup, member, text } from '../support/conversation/judged-group.ts';
import { served } from '../support/conversation/served.ts';
import { temporaryDirectory } from '../support/folders/temporary-directory.ts';
import { secondTestDevice, TEST_NOW, testAccount, testRandom } from '../support/identity/accounts.ts';
import { channelPair } from '../support/net/channel-pair.ts';
import { createVirtualClock } from '../support/time/virtual-clock.ts';

const { signal } = new AbortController();
const clock = createVirtualClock(TEST_NOW + 86_400_000);
let alice: DeviceKeys;
let tablet: DeviceKeys;
beforeAll(async () => {
  [alice, tablet] = await Promise.all([testAccount('alice'), secondTestDevice('alice')]);
});

async function created(keys = alice): Promise<Conversation & { readonly folder: string }> {
  const directory = await temporaryDirectory();
  const conversation = await createConversation(
    { directory, keys, clock, random: testRandom },
    { mode: 'invites-only' },
  );
  onTestFinished(() => conversation.close());
  return { ...conversation, folder: join(directory, conversation.id) };
}

const say = (conversation: Conversation, body: string) => conversation.append({ kind: 'send-text', body });

const pull = (to: Conversation, from: Conversation) => served(from, signal, (channel) => to.pull(channel, { signal }));

/** The same conversation on Alice's other device. */
async function clonedBy(keys: DeviceKeys, from: Conversation): Promise<Conversation> {
  const directory = await temporaryDirectory();
  const clone = await served(from, signal, (channel) =>
    cloneConversation({ directory, id: from.id, keys, clock, channel, signal }),
  );
  onTestFinished(() => clone.close());
  return clone;
}

async function commitOf(conversation: Conversation) {
  return createHistoryReader(conversation.repository).commit(conversation.head());
}

describe('a conversation', () => {
  it('testCreateRepository', async () => {
    const conversation = await created();
    const { signedBytes, signature } = await commitOf(conversation);
    expect(await verify(alice.chain.device.publicKey, signedBytes, signature ?? new Uint8Array())).toBe(true);
    const { accountCertificate, deviceCertificate } = selfOf(alice);
    const read = (path: string) => readFile(join(conversation.folder, path), 'utf8');
    expect(await read(`admins/${alice.account}.crt`)).toBe(accountCertificate);
    expect(await read(`devices/${alice.device}.crt`)).toBe(deviceCertificate);
  });

  it('testAddSomeMessages', async () => {
    const conversation = await created();
    const written = [];
    for (let n = 1; n <= 3; n += 1) written.push(await say(conversation, `Commit ${n}`));
    expect(
      conversation
        .interactions()
        .slice(1)
        .map(({ id }) => id),
    ).toEqual(written.map(({ id }) => id));
    expect(written.map(({ parents }) => parents)).toEqual([
      [conversation.id],
      ...written.slice(0, -1).map(({ id }) => [id]),
    ]);
    const { message } = await commitOf(conversation);
    expect(message).toBe('{"body":"Commit 3","type":"text/plain"}');
  });

  it('testLogMessages', async () => {
    const conversation = await created();
    const [first, second, third] = [
      await say(conversation, 'Commit 1'),
      await say(conversation, 'Commit 2'),
      await say(conversation, 'Commit 3'),
    ];
    const page = (options: Parameters<typeof timelinePage>[1]) =>
      timelinePage(project(timeline, conversation.interactions()), options).entries.map(({ id }) => id);
    expect(page({ limit: 100 })).toEqual([third.id, second.id, first.id, conversation.id]);
    expect(page({ limit: 1 })).toEqual([third.id]);
    expect(page({ before: third.id, limit: 1 })).toEqual([second.id]);
  });

  it('testMerge', async () => {
    const ours = await created();
    const theirs = await clonedBy(tablet, ours);
    const [one, other] = [await say(ours, 'Commit 1'), await say(theirs, 'Commit 2')];
    expect(await pull(ours, theirs)).toMatchObject({ outcome: 'admitted', merged: ours.head() });
    expect(ours.interactions()).toHaveLength(4);
    expect((await commitOf(ours)).parents).toEqual([one.id, other.id]);
    expect((await commitOf(ours)).message).toBe(`Merge commit '${other.id}'`);
  });

  it('testFFMerge', async () => {
    const ours = await created();
    const theirs = await clonedBy(tablet, ours);
    const last = [await say(theirs, 'Commit 1'), await say(theirs, 'Commit 2')].at(-1);
    expect(await pull(ours, theirs)).toMatchObject({ outcome: 'admitted', head: last?.id });
    expect(ours.interactions()).toHaveLength(3);
  });

  it('testDiff', async () => {
    const conversation = await created();
    const history = createHistoryReader(conversation.repository);
    const trees = [];
    for (const { id } of [conversation.interactions()[0], await say(conversation, 'Commit 1')].flatMap(
      (one) => one ?? [],
    ))
      trees.push(await history.trees.read((await history.commit(id)).tree));
    const [first, second] = trees;
    if (!first || !second) throw new TypeError('two trees');
    expect(changesBetween(undefined, first).map(({ path }) => path)).toEqual([
      `admins/${alice.account}.crt`,
      `devices/${alice.device}.crt`,
    ]);
    expect(changesBetween(first, second)).toEqual([]);
  });

  it('testMergeProfileWithConflict', async () => {
    const ours = await created();
    const theirs = await clonedBy(tablet, ours);
    await ours.append({ kind: 'update-profile', profile: { title: 'before' } });
    await pull(theirs, ours);
    const mine = await ours.append({ kind: 'update-profile', profile: { title: 'mine' } });
    const yours = await theirs.append({ kind: 'update-profile', profile: { title: 'yours' } });
    expect(await pull(ours, theirs)).toMatchObject({ outcome: 'admitted', merged: ours.head() });
    expect(ours.interactions()).toHaveLength(5);
    expect((await ours.profile()).title).toBe(mine.id > yours.id ? 'mine' : 'yours');
  });

  it('testCloneFailureDoesNotWipeExistingConversation', async () => {
    const conversation = await created();
    const last = await say(conversation, 'Commit 1');
    await conversation.close();
    const pair = channelPair('git');
    pair.right.close('nobody serves');
    const again = await cloneConversation({
      ...{
        directory: dirname(conversation.folder),
        id: conversation.id,
        keys: alice,
        clock,
        channel: pair.left,
        signal,
      },
    });
    onTestFinished(() => again.close());
    expect(again.head()).toBe(last.id);
    expect(existsSync(join(conversation.folder, '.git'))).toBe(true);
  });

  it('testCommitIsNotBlockedByAStalledFetch', async () => {
    const conversation = await created();
    const pair = channelPair('git');
    const over = new AbortController();
    const stalled = conversation.pull(pair.left, { signal: over.signal }).catch((error: unknown) => error);
    const written = await say(conversation, 'Commit 1');
    expect(conversation.head()).toBe(written.id);
    over.abort(new Error('the test is over'));
    expect(await stalled).toBeInstanceOf(Error);
  });
});

describe('what a validator says', () => {
  it('testValidSignatureForCommit', async () => {
    const { forge, bob } = await foundGroup();
    await forge.say(bob, 'Commit 1');
    await expectValid(forge);
  });

  it('testInvalidSignatureForCommit', async () => {
    const { forge, alice: admin, bob } = await foundGroup();
    await expectRefused(forge, await forge.commit({ by: admin, says: text, signedWith: bob }), 'V6');
  });

  it('testMalformedCommit', async () => {
    const { forge, bob } = await foundGroup();
    const commit = await forge.commit({
      ...{ by: bob, says: text },
      tamper: (bytes) => Buffer.from(bytes.toString('latin1').replace(/\nsignature [^\n]*/, ''), 'latin1'),
    });
    await expectRefused(forge, commit, 'R2');
  });

  it('testMalformedCommitUri', async () => {
    const { forge, alice: admin, carol } = await foundGroup();
    const uri = `jami:${carol.account}`;
    await expectRefused(forge, await forge.commit({ by: admin, says: member('add', uri) }), 'R20');
  });

  it('testInvalidJoin', async () => {
    const { forge, bob, carol } = await foundGroup();
    const files = { ...memberFiles(carol), [`invited/${carol.account}`]: undefined };
    await expectRefused(forge, await forge.commit({ by: bob, says: member('join', carol.account), files }), 'R29');
  });

  it('testInvalidFile', async () => {
    const { forge, bob } = await foundGroup();
    await expectRefused(forge, await forge.say(bob, 'Commit 1', { BADFILE: '' }), 'R49');
  });

  it('testMergeWithInvalidFile', async () => {
    const { forge, alice: admin, bob } = await foundGroup();
    const base = forge.head;
    const left = await forge.say(bob, 'Commit 1');
    forge.rewindTo(base);
    const right = await forge.say(admin, 'Commit 2');
    await expectRefused(forge, await forge.merge(admin, [left, right], { BADFILE: '' }), 'R52');
  });
});

describe('a document', () => {
  async function foundDocument(): Promise<Forge> {
    const forge = new Forge();
    const says = { type: 'initial', mode: 4, mimeType: 'text/html', parent: '7'.repeat(40) };
    await forge.commit({ by: alice, says, files: adminFiles(alice), on: [] });
    return forge;
  }

  it('testCreateDocumentRepository', async () => {
    const forge = await foundDocument();
    const verification = await verifyHistory(forge.reader(), { signal });
    expect(verification).toMatchObject({ mode: 'document', valid: true, commits: 1 });
  });

  it('testDocumentCheckpointsAndAttachments', async () => {
    const forge = await foundDocument();
    await forge.commit({ by: alice, says: { ...CHECKPOINT, body: 'AQID' }, files: attachment(forge, 'a picture') });
    await forge.commit({ by: alice, says: { ...CHECKPOINT, body: 'BAUG' } });
    await expectValid(forge);
  });

  it('testCheckpointInConversationRejected', async () => {
    const { forge, bob } = await foundGroup();
    await expectRefused(forge, await forge.commit({ by: bob, says: CHECKPOINT }), 'R43');
  });

  it('testCheckpointWithInvalidFileRejected', async () => {
    const forge = await foundDocument();
    await expectRefused(forge, await forge.commit({ by: alice, says: CHECKPOINT, files: { BADFILE: 'x' } }), 'R44');
  });

  it('testNonContentAddressedAttachmentRejected', async () => {
    const forge = await foundDocument();
    const files = { [`attachments/${'b'.repeat(40)}`]: Buffer.from([0, 1, 2, 255]) };
    await expectRefused(forge, await forge.commit({ by: alice, says: CHECKPOINT, files }), 'R44');
  });

  it('testCheckpointDeletingDeviceCertRejected', async () => {
    const forge = await foundDocument();
    const files = { [`devices/${alice.device}.crt`]: undefined };
    const commit = await forge.commit({ by: alice, says: CHECKPOINT, files });
    const { problems } = await verifyHistory(forge.reader(), { signal });
    // Without the certificate nothing more can be said of its author.
    expect(problems).toEqual([expect.objectContaining({ commit, rule: 'V1' })]);
  });

  it('testAttachmentInConversationRejected', async () => {
    const { forge, bob } = await foundGroup();
    await expectRefused(forge, await forge.say(bob, 'look', attachment(forge, 'a picture')), 'R49');
  });

  it('testMessageInDocumentRejected', async () => {
    const forge = await foundDocument();
    await expectRefused(forge, await forge.say(alice, 'hello'), 'R48');
  });
});
