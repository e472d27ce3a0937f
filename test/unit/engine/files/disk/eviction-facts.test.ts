import { expect, it } from 'vitest';
import { evictionFacts } from '../../../../../src/engine/files/disk/eviction-facts.ts';
import { person } from '../../../../support/engine/live-conversations.ts';
import { plannedGroup } from '../../../../support/engine/planned-group.ts';
import { device } from '../../../../support/events/interactions.ts';
import { only } from '../../../../support/only.ts';

/** Bob has a device that spoke in the conversation, and one that was only ever linked. */
async function lab() {
  const bob = person(2);
  const phone = { account: bob.account, device: device(22) };
  const group = await plannedGroup((write) => write({ kind: 'message-sent', body: 'hello' }, 2));
  group.keeper.record({ kind: 'device-seen', ...phone, at: 0 });
  return {
    ...{ bob, phone },
    revoke: (one: typeof bob) => group.keeper.record({ kind: 'device-revoked', ...one, at: 1 }),
    keepers() {
      const { others } = only(evictionFacts(group).conversations);
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
