import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createControlHandler } from '../../../../src/engine/control/control-methods.ts';
import type { ControlHandler } from '../../../../src/engine/control/control-protocol.ts';
import type { EventLoopDelay } from '../../../../src/engine/control/event-loop-delay.ts';
import type { Engine } from '../../../../src/engine/engine.ts';
import { createTestEngines, type TestEngines } from '../../../support/engine/engines.ts';
import { thrownBy } from '../../../support/thrown.ts';
import { until } from '../../../support/time/until.ts';

/** One engine for all: what is asked here is told apart by its conversation. */
describe('what the control socket can ask', () => {
  let engines: TestEngines;
  let alice: Engine;
  let handle: ControlHandler;

  beforeAll(async () => {
    engines = await createTestEngines();
    alice = await engines.start('alice');
    handle = createControlHandler(alice);
  });
  afterAll(() => engines[Symbol.asyncDispose]());

  const ask = (method: string, params: Record<string, unknown> = {}, signal = new AbortController().signal) => {
    const events: unknown[] = [];
    const result = handle({ method, params }, { signal, emit: (event) => events.push(event) });
    return { events, result };
  };

  it.each(['', 'stats', '__proto__', 'toString', 'constructor'])('%j is no method', async (method) => {
    expect((await thrownBy('USAGE', () => ask(method).result)).message).toContain(`"${method}"`);
  });

  it.each([
    ['send', {}],
    ['send', { conversation: '../..', text: 'x' }],
    ['send', { conversation: 'a'.repeat(40) }],
    ['invite', { conversation: 'a'.repeat(40), uri: 'bob' }],
    ['fetch', { conversation: 'a'.repeat(40), files: [7] }],
    ['say', { conversation: 'a'.repeat(40), word: 'accept', files: [] }],
    ['say', { conversation: 'a'.repeat(40), word: 'findFile', files: ['ab'] }],
    ['new', { title: 7 }],
    ['new', { mode: 'document' }],
    ['new', { with: 'bob' }],
    ['ban', { conversation: 'a'.repeat(40) }],
    ['edit', { conversation: 'a'.repeat(40), message: 'ab' }],
    ['limits', { up: '500K' }],
    ['limits', { up: 1 }],
    ['limits', { conversation: 'zz', up: 5000 }],
  ])('%s with %j is not understood', async (method, params) => {
    await thrownBy('USAGE', () => ask(method, params).result);
  });

  it('a conversation that is not here is said not to be', async () => {
    const params = { conversation: 'a'.repeat(40), text: 'x' };
    await thrownBy('CONVERSATION_UNKNOWN', () => ask('send', params).result);
  });

  it('limits of bandwidth are set, shown and lifted', async () => {
    const conversation = 'a'.repeat(40);
    expect(await ask('limits').result).toEqual({});
    expect(await ask('limits', { up: 500_000, down: 2_000_000 }).result).toEqual({ up: 500_000, down: 2_000_000 });
    expect(await ask('limits', { conversation, up: 4000 }).result).toEqual({
      ...{ up: 500_000, down: 2_000_000 },
      conversations: { [conversation]: { up: 4000 } },
    });
    await ask('limits', { conversation, up: null }).result;
    expect(await ask('limits', { up: null }).result).toEqual({ down: 2_000_000 });
    expect(await ask('limits', { down: null }).result).toEqual({});
  });

  it('how late the event loop was is told, from one look to the next', async () => {
    const look = async () => (await ask('event-loop-delay').result) as EventLoopDelay;
    await until(async () => {
      for (const end = performance.now() + 150; performance.now() < end; );
      await setTimeout(1);
      return (await look()).maxMs > 100;
    });
    const { p50Ms, p99Ms, maxMs } = await look();
    expect(p50Ms <= p99Ms && p99Ms <= maxMs).toBe(true);
  });

  it('a conversation is made, talked in and listed', async () => {
    const made = await ask('new', { title: 'Garden' }).result;
    expect(made).toEqual({ conversation: expect.any(String) });
    const params = { ...(made as object), text: 'hello' };
    const sent = await ask('send', params).result;
    expect(await ask('conversations').result).toEqual({
      conversations: [
        expect.objectContaining({ title: 'Garden', head: (sent as { interaction: string }).interaction }),
      ],
      invitations: [],
    });
    expect(await ask('status').result).toEqual({
      ...{ account: alice.account, links: [], transfers: [], waiting: [] },
      requests: { served: 0, declined: {} },
      refused: [],
      bans: [],
      dht: { kind: 'joined' },
      portMapping: { kind: 'off' },
    });
  });

  it('conversations that are made at the same moment are different ones', async () => {
    const before = alice.conversations.list().length;
    await Promise.all([1, 2, 3].map(() => ask('new').result));
    expect(alice.conversations.list()).toHaveLength(before + 3);
  });

  it('changes are told from the word that one hears them, until the caller has gone', async () => {
    const { id } = await alice.conversations.create();
    const leaving = new AbortController();
    const { events, result } = ask('changes', { conversation: id }, leaving.signal);
    expect(events).toEqual([{ kind: 'subscribed' }]);
    await alice.conversations.open(id).send('hello');
    leaving.abort();
    await result;
    expect(events).toContainEqual(expect.objectContaining({ kind: 'message' }));
  });

  it('a word is said about files that are found by the first digits of their ids', async () => {
    const { id } = await alice.conversations.create();
    const handle = alice.conversations.open(id);
    const { interaction, fileId } = await handle.sendFile(import.meta.filename);
    const params = { conversation: id, word: 'pause', files: [interaction.id.slice(0, 8)] };
    const said = [expect.objectContaining({ interaction: interaction.id, fileId, word: 'pause' })];
    expect(await ask('say', params).result).toEqual(said);
    expect(await ask('say', params).result).toEqual(said);
    await thrownBy('REFUSED', () => ask('say', { ...params, word: 'refuse' }).result);
    const files = [interaction.id, 'b'.repeat(40)];
    await thrownBy('INTERACTION_UNKNOWN', () => ask('say', { ...params, word: 'resume', files }).result);
  });

  it('fetching ends with nothing where nothing is missing', async () => {
    const { id } = await alice.conversations.create();
    const { events, result } = ask('fetch', { conversation: id });
    expect(await result).toBeUndefined();
    expect(events).toEqual([]);
  });

  it('what is said is answered, changed, reacted to and taken back by its first digits', async () => {
    const { conversation } = (await ask('new', { title: 'Words' }).result) as { conversation: string };
    const say = async (method: string, params: object) =>
      (await ask(method, { conversation, ...params }).result) as { interaction: string };
    const { interaction } = await say('send', { text: 'helo' });
    const message = interaction.slice(0, 12);
    expect(await say('edit', { message, text: 'hello' })).toMatchObject({ edited: interaction });
    expect(await say('react', { message, reaction: '+1' })).toMatchObject({ reactedTo: interaction });
    await say('send', { text: 'an answer', replyTo: message });
    await say('profile', { description: 'about words' });
    expect(await say('delete', { message })).toMatchObject({ deleted: interaction });
    await thrownBy('REFUSED', () => say('react', { message, reaction: '+1' }));
    await say('leave', {});
    await thrownBy('REFUSED', () => say('send', { text: 'more' }));
  });

  it('who was invited is banned and let in again, named by the first digits', async () => {
    const { conversation } = (await ask('new', { mode: 'admin-invites-only' }).result) as { conversation: string };
    const uri = 'ab'.repeat(20);
    await ask('invite', { conversation, uri }).result;
    const member = uri.slice(0, 39);
    const carried = { target: uri, interaction: expect.any(String) };
    expect(await ask('ban', { conversation, member }).result).toEqual({ ...carried, outcome: 'banned' });
    await thrownBy('REFUSED', () => ask('ban', { conversation, member }).result);
    await thrownBy('REFUSED', () => ask('invite', { conversation, uri }).result);
    expect(await ask('unban', { conversation, member }).result).toEqual({ ...carried, outcome: 'unbanned' });
    await thrownBy('MEMBER_UNKNOWN', () => ask('ban', { conversation, member: 'not anybody' }).result);
    await thrownBy('REFUSED', () => ask('ban', { conversation, member: alice.account.uri }).result);
  });
});
