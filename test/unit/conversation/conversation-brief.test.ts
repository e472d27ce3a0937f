import { describe, expect, it } from 'vitest';
import { readConversationBrief } from '../../../src/conversation/conversation-brief.ts';
import { conversationFoundedBy } from '../../../src/ids.ts';
import { Forge } from '../../support/conversation/forge.ts';
import { testAccount } from '../../support/identity/accounts.ts';

describe('what is read of a conversation without its history', () => {
  it.each(['devices', 'banned/devices'])(
    'has the certificate of an own device in %s, and of no other',
    async (place) => {
      const [alice, bob] = [await testAccount('alice'), await testAccount('bob')];
      const forge = new Forge();
      const founded = await forge.found(bob);
      await forge.say(bob, 'hello', { [`${place}/${alice.device}.crt`]: alice.chain.device.pem });
      const about = { id: conversationFoundedBy(founded), account: alice.account };
      const brief = await readConversationBrief(forge.reader(), about);
      expect([...(brief?.devices ?? [])]).toEqual([[alice.device, alice.chain.device.pem]]);
    },
  );
});
