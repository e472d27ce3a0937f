/** Histories of devices that have heard of a revocation and of devices that have not: they agree once somebody has written. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { cloneConversation } from '../../src/conversation/clone/clone-conversation.ts';
import type { Conversation, PullOutcome } from '../../src/conversation/conversation.ts';
import type { IsRevoked } from '../../src/conversation/judge/judge-standing.ts';
import { createConversation } from '../../src/conversation/write/create-conversation.ts';
import type { DeviceKeys } from '../../src/identity/identity.ts';
import type { ConversationId } from '../../src/ids.ts';
import { served } from '../support/conversation/served.ts';
import { temporaryDirectory } from '../support/folders/temporary-directory.ts';
import { secondTestDevice, TEST_NOW, testAccount, testRandom } from '../support/identity/accounts.ts';
import { thrownBy } from '../support/thrown.ts';
import { createVirtualClock } from '../support/time/virtual-clock.ts';

const { signal } = new AbortController();
const clock = createVirtualClock(TEST_NOW + 86_400_000);
const REFUSED = { outcome: 'refused', refusal: { rule: 'REVOKED' } };

/** A device with its conversation. */
interface Replica {
  readonly keys: DeviceKeys;
  readonly conversation: Conversation;
  hasHeard: boolean;
}

/** Alice founds a group, Bob and Carol are in it, and so is Alice's second device, which she is going to lose. All agree. */
async function setUp() {
  const [alice, bob, carol, lost] = await Promise.all([
    testAccount('alice'),
    testAccount('bob'),
    testAccount('carol'),
    secondTestDevice('alice', 'lost'),
  ]);
  const isLost: IsRevoked = ({ account, device }) => account === lost.account && device === lost.device;
  const home = { directory: await temporaryDirectory(), keys: alice, clock, random: testRandom };
  const founded = await createConversation(home, { mode: 'invites-only' });
  onTestFinished(() => founded.close());
  for (const { account } of [bob, carol]) await founded.append({ kind: 'invite-member', uri: account });
  const first: Replica = { keys: alice, conversation: founded, hasHeard: false };

  const judging = ({ hasHeard }: Pick<Replica, 'hasHeard'>) => ({
    signal,
    isRevoked: hasHeard ? isLost : () => false,
  });
  async function join(keys: DeviceKeys, from: Replica, hasHeard = false): Promise<Replica> {
    const directory = await temporaryDirectory();
    const { id }: { id: ConversationId } = founded;
    const conversation = await served(from.conversation, signal, (channel) =>
      cloneConversation({ ...{ directory, id, keys, clock, channel }, ...judging({ hasHeard }) }),
    );
    onTestFinished(() => conversation.close());
    return { keys, conversation, hasHeard };
  }
  const pull = (to: Replica, from: Replica): Promise<PullOutcome> =>
    served(from.conversation, signal, (channel) => to.conversation.pull(channel, judging(to)));
  const vouch = ({ conversation }: Replica) => conversation.vouch({ isRevoked: isLost, signal });

  const [b, c, second] = [await join(bob, first), await join(carol, first), await join(lost, first)];
  const all = [first, second, b, c];
  await b.conversation.append({ kind: 'join-conversation' });
  await pull(c, b);
  await c.conversation.append({ kind: 'join-conversation' });
  for (const one of [first, second, b]) await pull(one, c);
  await say(second, 'from my second device');
  for (const one of [first, b, c]) await pull(one, second);
  expect(new Set(all.map(head)).size).toBe(1);
  return { first, second, b, c, join, pull, vouch };
}

const head = ({ conversation }: Replica) => conversation.head();
const ids = ({ conversation }: Replica) => conversation.interactions().map(({ id }) => id);

async function say({ conversation }: Replica, body: string) {
  await clock.advance(1000);
  return conversation.append({ kind: 'send-text', body });
}

describe('what a revoked device signed', () => {
  it('comes to those who have heard below what one who has not has written', async () => {
    const { first, second, b, c, pull } = await setUp();
    first.hasHeard = true;
    c.hasHeard = true;
    const stolen = await say(second, 'lend me some money');
    expect(await pull(b, second)).toMatchObject({ outcome: 'admitted' });
    for (const one of [first, c]) {
      const before = head(one);
      expect(await pull(one, b)).toMatchObject({ ...REFUSED, head: stolen.id });
      expect(head(one)).toBe(before);
    }
    await say(b, 'are you all right?');
    for (const one of [first, c]) expect(await pull(one, b)).toMatchObject({ outcome: 'admitted' });
    expect(new Set([first, b, c].map(head)).size).toBe(1);
    expect(ids(c)).toContain(stolen.id);
    expect([ids(first), ids(c)]).toEqual([ids(b), ids(b)]);
  });

  it('is merged with what those who have heard wrote meanwhile, and stands for all', async () => {
    const { first, second, b, c, pull } = await setUp();
    for (const one of [first, c]) one.hasHeard = true;
    const stolen = await say(second, 'lend me some money');
    await pull(b, second);
    await say(c, 'her telephone is gone');
    b.hasHeard = true;
    expect(await pull(b, c)).toMatchObject({ outcome: 'admitted', merged: head(b) });
    for (const one of [first, c]) expect(await pull(one, b)).toMatchObject({ outcome: 'admitted' });
    expect([ids(first), ids(c)]).toEqual([ids(b), ids(b)]);
    expect(ids(first)).toContain(stolen.id);
  });

  it('reaches nobody once everybody has heard', async () => {
    const { first, second, b, c, pull } = await setUp();
    const others = [first, b, c];
    for (const one of others) one.hasHeard = true;
    const stolen = await say(second, 'lend me some money');
    for (const one of others) expect(await pull(one, second)).toMatchObject(REFUSED);
    await say(b, 'nothing happened');
    for (const one of [first, c]) await pull(one, b);
    expect([ids(first), ids(c)]).toEqual([ids(b), ids(b)]);
    expect(ids(b)).not.toContain(stolen.id);
  });

  it('stays where it is when the revocation is heard later', async () => {
    const { second, b, c, pull } = await setUp();
    const stolen = await say(second, 'on my way');
    await pull(b, second);
    b.hasHeard = true;
    expect(ids(b)).toContain(stolen.id);
    expect(await pull(c, b)).toMatchObject({ outcome: 'admitted' });
    expect(head(c)).toBe(head(b));
  });
});

describe('vouching', () => {
  it('has the last words that the account saw stand for those who heard first, and for newcomers', async () => {
    const { first, second, b, c, join, pull, vouch } = await setUp();
    const last = await say(second, 'on my way');
    await pull(first, second);
    for (const one of [first, b, c]) one.hasHeard = true;
    expect(await pull(b, first)).toMatchObject(REFUSED);
    const clone = () => join(c.keys, first, true);
    expect((await thrownBy('HISTORY_REFUSED', clone)).data).toMatchObject({ commit: last.id, rule: 'REVOKED' });

    expect(await vouch(first)).toBe(true);
    expect(first.conversation.interactions().at(-1)).toMatchObject({ parents: [last.id, ...last.parents] });
    for (const one of [b, c]) {
      expect(await pull(one, first)).toMatchObject({ outcome: 'admitted' });
      expect(ids(one)).toEqual(ids(first));
    }
    expect(ids(await clone())).toEqual(ids(first));
  });

  it('happens once, and only where the last commit is the revoked device’s', async () => {
    const { first, vouch } = await setUp();
    const before = ids(first);
    expect(await vouch(first)).toBe(true);
    expect(await vouch(first)).toBe(false);
    expect(ids(first).slice(0, -1)).toEqual(before);
    await say(first, 'all is well');
    expect(await vouch(first)).toBe(false);
  });

  it('by two devices ends in one history', async () => {
    const { first, b, c, pull, vouch } = await setUp();
    for (const one of [first, b, c]) one.hasHeard = true;
    await clock.advance(1000);
    expect(await Promise.all([vouch(first), vouch(b)])).toEqual([true, true]);
    await pull(first, b);
    for (const one of [b, c]) await pull(one, first);
    expect([ids(first), ids(c)]).toEqual([ids(b), ids(b)]);
  });

  it('brings along the certificate of a device that never committed, and shows as little', async () => {
    const { second, first, b, c, join, pull, vouch } = await setUp();
    const third = await join(await secondTestDevice('alice', 'third'), first);
    const last = await say(second, 'on my way');
    await pull(third, second);
    const tree = third.conversation.state().tree;
    expect(await vouch(third)).toBe(true);
    expect(third.conversation.state().tree.id).not.toBe(tree.id);
    expect(third.conversation.interactions().at(-1)).toMatchObject({
      parents: [last.id],
      content: { outcome: 'merge' },
    });
    for (const one of [b, c]) {
      one.hasHeard = true;
      expect(await pull(one, third)).toMatchObject({ outcome: 'admitted' });
      expect(ids(one)).toEqual(ids(third));
    }
    expect(await vouch(third)).toBe(false);
    await say(third, 'and go on');
    expect(await pull(b, third)).toMatchObject({ outcome: 'admitted' });
  });

  it('is not for whoever may not commit', async () => {
    const { second, first, join, pull, vouch } = await setUp();
    await say(second, 'on my way');
    await pull(first, second);
    await first.conversation.append({ kind: 'invite-member', uri: (await testAccount('dave')).account });
    const dave = await join(await testAccount('dave'), first);
    await say(second, 'nearly there');
    await pull(dave, second);
    const before = head(dave);
    expect(await vouch(dave)).toBe(false);
    expect(head(dave)).toBe(before);
  });
});
