import { expect, it } from 'vitest';
import { formatPacket } from '../../../../src/conversation/sync/pkt-line.ts';
import { cloneFromDevice } from '../../../../src/engine/commits/clone-from-device.ts';
import { openHome } from '../../../../src/engine/home/home-adapter.ts';
import { openJournalKeeper } from '../../../../src/engine/journal/journal-keeper.ts';
import { ConversationId } from '../../../../src/ids.ts';
import { SILENCE_MS, SYNC_MS } from '../../../../src/limits.ts';
import type { Channel } from '../../../../src/ports.ts';
import { person } from '../../../support/engine/live-conversations.ts';
import { memoryJournal } from '../../../support/engine/memory-journal.ts';
import { commitId } from '../../../support/events/interactions.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';
import { testAccount } from '../../../support/identity/accounts.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { thrownBy } from '../../../support/thrown.ts';
import { createVirtualClock, type VirtualClock } from '../../../support/time/virtual-clock.ts';

/** Says a byte of one long packet just before it would count as silent. */
function drippingChannel(clock: VirtualClock): Channel {
  return {
    ...{ name: 'commits', peer: person(2), closed: new AbortController().signal },
    async *messages({ signal }) {
      for (const byte of formatPacket('x'.repeat(1000))) {
        await clock.wait(SILENCE_MS - 1, signal);
        yield Uint8Array.of(byte);
      }
    },
    async send() {},
    async end() {},
    close() {},
    async [Symbol.asyncDispose]() {},
  };
}

it('a clone that takes too long is told to have done so', async () => {
  const clock = createVirtualClock();
  const keeper = await openJournalKeeper(memoryJournal(), quietLog);
  const cloning = cloneFromDevice(person(2).device, ConversationId.parse(commitId(1)), {
    net: { openChannel: async () => drippingChannel(clock) },
    home: await openHome(await temporaryDirectory()),
    room: { require: async () => {}, guard: (channel) => channel },
    ...{ keys: await testAccount('alice'), keeper, clock, signal: new AbortController().signal },
    isRevoked: () => false,
  });
  const late = thrownBy('TIMED_OUT', () => cloning);
  await clock.advance(2 * SYNC_MS);
  expect((await late).data).toEqual({ what: 'Cloning a conversation', ms: SYNC_MS });
});
