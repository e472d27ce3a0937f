/**
 * Real processes, real files, SIGKILL right before a drawn call to the disk. A few of the runs that
 * `npm run soak -- crashes` makes by the hundred.
 */
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { serveGit } from '../../src/engine/commits/serve-git.ts';
import { createLocalDht, type LocalDht } from '../../src/net/dht/local-dht-adapter.ts';
import { runCli, startCli, temporaryFolder } from '../support/cli/built-program.ts';
import { startEngine } from '../support/cli/device.ts';
import { bundleOf } from '../support/events/recorded.ts';
import { killedRun, killPreload } from '../support/killed/killed-run.ts';
import { describeNeeding, stockGit } from '../support/runner/needs.ts';

/** One while they write to their logs, one while files move. There are some 340 calls in all. */
const CALLS = [70, 210];

let dht: LocalDht;
let folder: ReturnType<typeof temporaryFolder>;
beforeAll(async () => {
  dht = await createLocalDht({ host: '127.0.0.1', port: 0 });
  folder = temporaryFolder();
});
afterAll(async () => {
  await dht.close();
  folder[Symbol.dispose]();
});
const bootstrap = () => `${dht.host}:${dht.port}`;

describeNeeding(stockGit, 'two engines', () => {
  it.each(CALLS)('killed at call %i lose nothing that they promised, and go on', async (at) => {
    const homes = join(inject('homes'), 'joined');
    const result = await killedRun({ homes, bootstrap: bootstrap(), folder: join(folder.path, `run-${at}`), at });
    expect(result).toMatchObject({ at, wasKilled: true });
  });
});

it('a clone that is killed leaves nothing once it is made again', async () => {
  await using server = await serveGit(bundleOf('bob'));
  const place = join(folder.path, 'clones', 'copy');
  await using preload = await killPreload();
  mkdirSync(join(folder.path, 'clones'));
  const clone = startCli(['clone', server.url, place], {
    NODE_OPTIONS: `--import ${pathToFileURL(preload.path)}`,
    KILL_IN: join(folder.path, 'clones'),
    KILL_AT: '40',
  });
  expect((await clone.ended()).code).toBe(null);
  const left = readdirSync(join(folder.path, 'clones'));
  expect(left).toEqual([expect.stringMatching(/^\.copy\..+\.clone\.tmp$/)]);
  expect((await runCli(['clone', server.url, place])).code).toBe(0);
  expect(readdirSync(join(folder.path, 'clones'))).toEqual(['copy']);
});

it('a home is one engine’s until that engine is killed', async () => {
  const home = join(folder.path, 'home');
  cpSync(join(inject('homes'), 'fresh', 'alice'), home, { recursive: true });
  const first = await startEngine({ home }, bootstrap());
  const second = await runCli(['up', '--home', home, '--bootstrap', bootstrap()]);
  expect(second).toMatchObject({ code: 2, stderr: expect.stringContaining('Another engine is running') });
  expect((await runCli(['status', '--home', home])).code).toBe(0);
  await first.kill('SIGKILL');
  await using third = await startEngine({ home }, bootstrap());
  expect(third.output()).toContain('addresses');
});
