/**
 * Two devices with real repositories that each wrote on their own: fetched, judged, merged and fetched back, until both have one
 * head; without what verifying the signatures alone takes.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Conversation } from '../src/conversation/conversation.ts';
import { nodeClock, nodeRandom } from '../src/engine/node-ports-adapter.ts';
import type { DeviceKeys } from '../src/identity/identity.ts';
import { verify } from '../src/identity/signature.ts';
import { served } from '../test/support/conversation/served.ts';
import { testAccount } from '../test/support/identity/accounts.ts';
import type { Benchmark } from './figure.ts';
import { installed } from './installed.ts';
import { observed } from './observed.ts';
import { median } from './rounds.ts';
import { eventAt } from './seeded-events.ts';

const FORK = 2000;

export const benchForks: Benchmark = async ({ quick, signal }) => {
  const [length, rounds] = quick ? [10, 1] : [FORK, 3];
  const keys = await Promise.all([testAccount('left'), testAccount('right')]);
  const all = [];
  for (let round = 0; round < rounds; round++) {
    const folder = await mkdtemp(join(tmpdir(), 'swarmlog-bench-'));
    try {
      const [left, right] = await forked(folder, { keys, length, signal });
      const verification = await verifying(keys[0], 2 * length);
      const { result, ...took } = await observed(() => timed(() => converge(left, right, signal)));
      all.push({ total: result, verification, ...took });
      await Promise.all([left.close(), right.close()]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const facts = {
    commitsInEach: length,
    key: 'RSA-2048',
    totalMs: Math.round(median(all.map(({ total }) => total))),
    verificationMs: Math.round(median(all.map(({ verification }) => verification))),
    peakMiB: Math.max(...all.map(({ peakMiB }) => peakMiB)),
    loopWorstMs: median(all.map(({ loopWorstMs }) => loopWorstMs)),
  };
  const beyond = median(all.map(({ total, verification }) => Math.max(1, total - verification)));
  return [{ name: 'forks, two converge with git, beyond verification', unit: 'ms', ours: beyond, facts }];
};

interface Forking {
  readonly keys: readonly [DeviceKeys, DeviceKeys];
  readonly length: number;
  readonly signal: AbortSignal;
}

/** Two replicas of one conversation, each with so many commits that the other lacks. */
async function forked(
  folder: string,
  { keys, length, signal }: Forking,
): Promise<readonly [Conversation, Conversation]> {
  const { createConversation } = await installed<typeof import('../src/conversation/write/create-conversation.ts')>(
    'conversation/write/create-conversation',
  );
  const { cloneConversation } = await installed<typeof import('../src/conversation/clone/clone-conversation.ts')>(
    'conversation/clone/clone-conversation',
  );
  const ports = { clock: nodeClock, random: nodeRandom };
  const left = await createConversation(
    { directory: join(folder, 'left'), keys: keys[0], ...ports },
    { mode: 'invites-only' },
  );
  await left.append({ kind: 'invite-member', uri: keys[1].account });
  const right = await served(left, signal, (channel) =>
    cloneConversation({ directory: join(folder, 'right'), id: left.id, keys: keys[1], channel, signal, ...ports }),
  );
  await right.append({ kind: 'join-conversation' });
  await pull(left, right, signal);
  await Promise.all([left, right].map((side) => write(side, length)));
  return [left, right];
}

async function write(side: Conversation, length: number): Promise<void> {
  const texts = Array.from({ length }, (_, place) => eventAt(10 * place + 1));
  await Promise.all(
    texts.flatMap((event) =>
      event.kind === 'message-sent' ? side.append({ kind: 'send-text', body: event.body }) : [],
    ),
  );
}

async function converge(left: Conversation, right: Conversation, signal: AbortSignal): Promise<void> {
  await pull(left, right, signal);
  await pull(right, left, signal);
  if (left.head() !== right.head()) throw new Error('two replicas have not come together');
}

function pull(to: Conversation, from: Conversation, signal: AbortSignal): Promise<unknown> {
  return served(from, signal, (channel) => to.pull(channel, { signal }));
}

/** As many signatures, on the thread pool, and nothing else; in milliseconds. */
async function verifying({ chain, sign }: DeviceKeys, count: number): Promise<number> {
  const bytes = new Uint8Array(300);
  const signature = await sign(bytes);
  return timed(() =>
    Promise.all(Array.from({ length: count }, () => verify(chain.device.publicKey, bytes, signature))),
  );
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
