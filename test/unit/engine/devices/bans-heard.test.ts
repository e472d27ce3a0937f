import { beforeEach, describe, expect, it } from 'vitest';
import { readSigned } from '../../../../src/conversation/judge/read-signed.ts';
import { createHistoryReader } from '../../../../src/conversation/log/history-reader.ts';
import type { Member, Role } from '../../../../src/conversation/membership/membership.ts';
import { type BansHeard, createBansHeard } from '../../../../src/engine/devices/bans-heard.ts';
import { type JournalKeeper, openJournalKeeper } from '../../../../src/engine/journal/journal-keeper.ts';
import { type AccountUri, type CommitId, ConversationId } from '../../../../src/ids.ts';
import { BANS_PER_MINUTE } from '../../../../src/limits.ts';
import type { Forge } from '../../../support/conversation/forge.ts';
import { ban, foundGroup, groupPeople, member } from '../../../support/conversation/judged-group.ts';
import { memoryJournal } from '../../../support/engine/memory-journal.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { createVirtualClock, type VirtualClock } from '../../../support/time/virtual-clock.ts';

const people = await groupPeople();
const { alice, bob, carol } = people;

/** What Bob has: the log up to here. Alice is the admin, Bob a member, Carol is invited. */
interface AtBob {
  readonly forge: Forge;
  readonly conversation: string;
  readonly heard: BansHeard;
  readonly keeper: JournalKeeper;
  readonly clock: VirtualClock;
  /** The commits of his log, beside which the forge goes on. */
  readonly has: Set<CommitId>;
}

async function setUp(): Promise<AtBob> {
  const { forge } = await foundGroup();
  const tree = forge.treeAt(forge.head);
  const has = new Set<CommitId>();
  const standing = (uri: AccountUri, role: Role): [AccountUri, Member] => [uri, { uri, role, devices: [] }];
  const members = new Map([standing(alice.account, 'admin'), standing(bob.account, 'member')]);
  const log = {
    readSigned: (bytes: Uint8Array) =>
      readSigned({ history: createHistoryReader(forge.reader()), tree: () => tree }, bytes),
    membership: () => ({ members }),
  };
  const id = ConversationId.parse('c'.repeat(40));
  const here = { id, log, has: (commit: CommitId) => has.has(commit) };
  const keeper = await openJournalKeeper(memoryJournal(), quietLog);
  const clock = createVirtualClock();
  const heard = createBansHeard({ keys: bob, keeper, clock, live: new Map([[id, here]]), log: quietLog });
  return { forge, conversation: id, heard, keeper, clock, has };
}

describe('who is told of a ban', () => {
  let at: AtBob;
  beforeEach(async () => {
    at = await setUp();
  });
  const told = (commit: CommitId, conversation = at.conversation) => ({
    conversation,
    commit: Buffer.from(at.forge.objects.get(commit)?.bytes ?? []).toString('base64'),
  });
  const hear = (content: unknown) => at.heard.receive(content, alice.device);
  const known = () => [...at.keeper.state().bans.values()].map(({ by, commit }) => ({ by, commit }));
  const banBob = (who = bob) => ban({ ...people, forge: at.forge }, who);

  it('remembers it when an admin has signed it', async () => {
    const commit = await banBob();
    await hear(told(commit));
    expect(known()).toEqual([{ by: alice.account, commit }]);
  });

  it('remembers a ban of this device alone', async () => {
    const commit = await ban({ ...people, forge: at.forge }, bob, 'devices');
    await hear(told(commit));
    expect(known()).toEqual([{ by: alice.account, commit }]);
  });

  it('believes nobody else', async () => {
    const says = member('ban', bob.account);
    await hear(told(await at.forge.commit({ by: bob, says })));
    await hear(told(await at.forge.commit({ by: carol, says })));
    await hear(told(await at.forge.commit({ by: alice, says, signedWith: carol })));
    await hear(
      told(await at.forge.commit({ by: alice, says, tamper: (bytes) => Buffer.concat([bytes, Buffer.from(' ')]) })),
    );
    expect(known()).toEqual([]);
  });

  it('passes over what is no ban, or somebody else’s', async () => {
    await hear(told(await at.forge.say(alice, 'You are banned.')));
    await hear(told(await at.forge.commit({ by: alice, says: member('unban', bob.account) })));
    await hear(told(await banBob(carol)));
    expect(known()).toEqual([]);
  });

  it('passes over what is not of the form, and conversations that are not here', async () => {
    const { commit } = told(await banBob());
    for (const content of [undefined, 'banned', { commit }, { conversation: at.conversation, commit: 'e30=' }])
      await hear(content);
    await hear({ conversation: 'd'.repeat(40), commit });
    expect(known()).toEqual([]);
  });

  it('takes no ban from what its log holds: who was let in again has heard of the end of it', async () => {
    const commit = await banBob();
    at.has.add(commit);
    await hear(told(commit));
    expect(known()).toEqual([]);
  });

  it('looks at so many in a minute of one device, which leaves the others theirs', async () => {
    const commit = await banBob();
    for (let time = 0; time < BANS_PER_MINUTE; time += 1)
      await at.heard.receive({ ...told(commit), commit: 'e30=' }, carol.device);
    await at.heard.receive(told(commit), carol.device);
    expect(known()).toEqual([]);
    await hear(told(commit));
    expect(known()).toEqual([{ by: alice.account, commit }]);
  });

  it('looks again a minute later', async () => {
    const commit = await banBob();
    for (let time = 0; time < BANS_PER_MINUTE; time += 1) await hear({ ...told(commit), commit: 'e30=' });
    await at.clock.advance(60_000);
    await hear(told(commit));
    expect(known()).toEqual([{ by: alice.account, commit }]);
  });

  it('keeps to the first one while it holds, and hears the next one when it is over', async () => {
    const first = await banBob();
    const second = await at.forge.commit({ by: alice, says: member('ban', bob.account) });
    await hear(told(first));
    await hear(told(second));
    expect(known()).toEqual([{ by: alice.account, commit: first }]);
    at.has.add(first);
    await hear(told(second));
    expect(known()).toEqual([{ by: alice.account, commit: second }]);
  });
});
