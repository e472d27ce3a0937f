import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createCloneTries } from '../../../../src/engine/commits/clone-tries.ts';
import type { Clones } from '../../../../src/engine/commits/clones.ts';
import type { LiveConversation } from '../../../../src/engine/conversations/live-conversation.ts';
import { SyncError } from '../../../../src/errors.ts';
import { ConversationId, type DeviceId } from '../../../../src/ids.ts';
import { CLONE_RETRY_MAX_MS, CLONES_AT_ONCE } from '../../../../src/limits.ts';
import { person } from '../../../support/engine/live-conversations.ts';
import { commitId } from '../../../support/events/interactions.ts';
import { testRandom } from '../../../support/identity/accounts.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const conversation = (n: number) => ConversationId.parse(commitId(n));
const wanted = conversation(1);
const { device } = person(2);
const unreadable = new SyncError('PROTOCOL_BROKEN', { protocol: 'git', detail: 'nothing sensible' });

function trial(take: (id: ConversationId, from: readonly DeviceId[]) => Promise<void>) {
  const clock = createVirtualClock();
  const ending = new AbortController();
  let linked: readonly DeviceId[] = [device];
  const clones: Clones = {
    async take(id, { devices }) {
      await take(id, [...(await devices())]);
      throw unreadable;
    },
  };
  const tries = createCloneTries({
    ...{ clock, clones, random: testRandom, log: quietLog, live: new Map<ConversationId, LiveConversation>() },
    ...{ signal: ending.signal, room: { available: async () => {} }, devicesFor: () => linked },
  });
  return {
    ...{ clock, tries },
    link: (devices: readonly DeviceId[]) => {
      linked = devices;
    },
    async end() {
      ending.abort(new SyncError('CANCELLED', { what: 'The test' }));
      await tries.ended();
    },
  };
}

describe('a conversation that another device of the account has', () => {
  it('is tried again after a clone that failed', async () => {
    const taken: ConversationId[] = [];
    const { clock, tries, end } = trial(async (id) => void taken.push(id));
    tries.want(wanted);
    await nextTurn();
    expect(taken).toEqual([wanted]);
    await clock.advance(CLONE_RETRY_MAX_MS);
    expect(taken.length).toBeGreaterThan(1);
    await end();
  });

  it('is tried again when the device that has it went before its turn, and comes back', async () => {
    const turns: (() => void)[] = [];
    const taken: (readonly [ConversationId, readonly DeviceId[]])[] = [];
    const { tries, link, end } = trial(async (id, devices) => {
      taken.push([id, devices]);
      if (id !== wanted) await new Promise<void>((resolve) => turns.push(resolve));
    });
    for (let n = 0; n < CLONES_AT_ONCE; n += 1) tries.want(conversation(100 + n));
    tries.want(wanted);
    await nextTurn();
    expect(taken).toHaveLength(CLONES_AT_ONCE);
    link([]);
    for (const goOn of turns) goOn();
    await nextTurn();
    expect(taken).toHaveLength(CLONES_AT_ONCE);
    link([device]);
    tries.wake(wanted);
    await nextTurn();
    expect(taken.at(-1)).toEqual([wanted, [device]]);
    await end();
  });
});
