/** A clone from our server by our client: taking the pack in, against `git clone`; all of it, against bare verification. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Repository } from '../src/conversation/repository/repository.ts';
import { fetchPack } from '../src/conversation/sync/fetch-upload-pack.ts';
import { parseGitUrl } from '../src/conversation/sync/git-url.ts';
import { connectLane } from '../src/conversation/sync/socket-lane-adapter.ts';
import { nodeClock } from '../src/engine/node-ports-adapter.ts';
import { bareVerification } from './bare-verification.ts';
import type { Benchmark } from './figure.ts';
import { installed } from './installed.ts';
import { watchOwnMemory } from './own-memory.ts';
import { compare, rateOf } from './rounds.ts';
import { seededLog } from './seeded-log.ts';

const PROGRAM = resolve(import.meta.dirname, '../dist/main.js');
const run = promisify(execFile);

export const benchClone: Benchmark = async ({ quick, cacheFolder, signal }) => {
  const { createRepository } = await installed<typeof import('../src/conversation/repository/repository-adapter.ts')>(
    'conversation/repository/repository-adapter',
  );
  const { cloneFrom } =
    await installed<typeof import('../src/engine/commits/clone-from.ts')>('engine/commits/clone-from');
  const count = quick ? 20 : 10_000;
  const rounds = quick ? 1 : 3;
  const bundle = await seededLog(cacheFolder, count);
  const folder = await mkdtemp(join(tmpdir(), 'swarmlog-bench-'));
  let made = 0;
  const place = () => join(folder, `clone-${++made}`);
  try {
    const source = join(folder, 'source.git');
    await run('git', ['clone', '--quiet', '--bare', bundle, source]);
    await using server = await gitServe(source);
    // Before anything else has made this process grow.
    const memory = watchOwnMemory();
    await cloneFrom(server.url, place(), { signal });
    const memoryMiB = memory.stop();
    const unpacked = await compare({
      rounds,
      ours: () => rateOf(count, async () => takePack(server.url, await createRepository(place()), signal)),
      baseline: {
        what: 'git clone --bare from git itself',
        run: () => rateOf(count, () => run('git', ['clone', '--quiet', '--bare', `file://${source}`, place()])),
      },
    });
    const judged = await compare({
      rounds,
      ours: () => rateOf(count, () => cloneFrom(server.url, place(), { signal })),
      baseline: {
        what: 'bare RSA verification on the thread pool',
        run: (await bareVerification(bundle, signal)).onThePool,
      },
    });
    const facts = { commits: count, key: 'RSA-4096' };
    return [
      { name: 'clone, unpacking', unit: 'commits/s', ...unpacked, facts },
      { name: 'clone, judged', unit: 'commits/s', ...judged, facts: { ...facts, memoryMiB } },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Everything of a clone but judging and the work tree. */
async function takePack(url: string, opened: Repository, signal: AbortSignal): Promise<void> {
  const address = parseGitUrl(url);
  await using lane = await connectLane(address, { clock: nodeClock, signal });
  await using repository = opened;
  const request = { path: address.path, host: address.host };
  const { head, pack } = await fetchPack(lane, {
    request,
    has: async () => false,
    haves: [],
    clock: nodeClock,
    signal,
  });
  if (head === undefined || pack === undefined) throw new Error('the server has nothing');
  const staged = await repository.stagePack(pack, { signal });
  await staged.keep();
  await repository.moveHead({ from: undefined, to: head });
}

/** In a process of its own, as the server of a clone is. */
async function gitServe(source: string): Promise<AsyncDisposable & { readonly url: string }> {
  const server = spawn(process.execPath, [PROGRAM, 'git-serve', source], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [url] = (await once(createInterface(server.stdout), 'line')) as [string];
  return {
    url,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.kill();
      await closed;
    },
  };
}
