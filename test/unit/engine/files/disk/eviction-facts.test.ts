import { expect, it } from 'vitest';
import { evictionFacts } from '../../../../../src/engine/files/disk/eviction-facts.ts';
import { createPlanner } from '../../../../../src/engine/files/fetch/planner.ts';
import { openJournalKeeper } from '../../../../../src/engine/journal/journal-keeper.ts';
import { createFakeNet, person, writtenGroup } from '../../../../support/engine/live-conversations.ts';
import { memoryJournal } from '../../../../support/engine/memory-journal.ts';
import { device } from '../../../../support/events/interactions.ts';
import { testAccount } from '../../../../support/identity/accounts.ts';
import { quietLog } from '../../../../support/net/nets.ts';
import { only } from '../../../../support/only.ts';
import { createVirtualClock } from '../../../../support/time/virtual-clock.ts';

/** Bob has a device that spoke in the conversation, and one that was only ever linked. */
async function lab() {
  const keys = await testAccount('alice');
  const bob = person(2);
  const phone = { account: bob.account, device: device(22) };
  const { conversation, write } = await writtenGroup();
  write({ kind: 'message-sent', body: 'hello' }, 2);
  await conversation.refold();
  const [clock, keeper] = [createVirtualClock(), await openJournalKeeper(memoryJournal(), quietLog)];
  const planner = createPlanner({
    ...{ self: keys, policy: { auto: 'all' }, net: createFakeNet(), clock, log: quietLog },
    ...{ signal: new AbortController().signal, disk: { free: () => undefined }, journal: keeper.state },
    ...{ request: () => new Promise<void>(() => {}), onPlanned: () => {} },
  });
  keeper.listen(planner.note);
  planner.follow(conversation);
  keeper.record({ kind: 'device-seen', ...phone, at: 0 });
  return {
    ...{ bob, phone },
    revoke: (one: typeof bob) => keeper.record({ kind: 'device-revoked', ...one, at: 1 }),
    keepers() {
      const live = new Map([[conversation.id, conversation]]);
      const { others } = only(evictionFacts({ keys, live, planner }).conversations);
      return others.filter(({ account }) => account === bob.account).map((other) => other.device);
    },
  };
}

it('a device that was only linked so far may keep a file, so that it can go here', async () => {
  const { bob, phone, keepers } = await lab();
  expect(new Set(keepers())).toEqual(new Set([bob.device, phone.device]));
});

it('a revoked device keeps nothing: nobody can get a file from it any more', async () => {
  const { bob, phone, revoke, keepers } = await lab();
  revoke(bob);
  expect(keepers()).toEqual([phone.device]);
});
