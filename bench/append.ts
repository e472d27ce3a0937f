/** Messages written per second, each flushed to disk, against nothing but making their signatures. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConversation } from '../src/conversation/write/create-conversation.ts';
import { nodeClock, nodeRandom } from '../src/engine/node-ports-adapter.ts';
import { testAccount } from '../test/support/identity/accounts.ts';
import type { Benchmark } from './figure.ts';
import { observed } from './observed.ts';
import { compare, rateOf } from './rounds.ts';

export const benchAppend: Benchmark = async ({ quick }) => {
  const count = quick ? 3 : 150;
  const rounds = quick ? 1 : 5;
  const keys = await testAccount('bench', { bits: 4096 });
  const directory = await mkdtemp(join(tmpdir(), 'swarmlog-bench-'));
  try {
    await using conversation = await createConversation(
      { directory, keys, clock: nodeClock, random: nodeRandom },
      { mode: 'invites-only' },
    );
    const bytes = new Uint8Array(300);
    const bare = {
      what: 'bare RSA signing',
      run: () =>
        rateOf(count, async () => {
          for (let made = 0; made < count; made++) await keys.sign(bytes);
        }),
    };
    const say = (place: number) => conversation.append({ kind: 'send-text', body: `message ${place}` });
    const { result: oneByOne, ...oneTook } = await observed(() =>
      compare({
        rounds,
        ours: () =>
          rateOf(count, async () => {
            for (let place = 0; place < count; place++) await say(place);
          }),
        baseline: bare,
      }),
    );
    const { result: queued, ...queuedTook } = await observed(() =>
      compare({
        rounds,
        ours: () => rateOf(count, () => Promise.all(Array.from({ length: count }, (_, place) => say(place)))),
        baseline: bare,
      }),
    );
    const facts = { messages: count * 2 * (rounds + 1), key: 'RSA-4096' };
    return [
      { name: 'append, asked for at once', unit: 'messages/s', ...queued, facts: { ...facts, ...queuedTook } },
      { name: 'append, one after the other', unit: 'messages/s', ...oneByOne, facts: { ...facts, ...oneTook } },
    ];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};
