/** A node to bootstrap from that is stopped and started again. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli, startCli, temporaryFolder } from '../support/cli/built-program.ts';

async function runUntilUp(state: string): Promise<string> {
  const dht = startCli(['dht', '--state', state, '--json']);
  const [, bootstrap = ''] = await dht.printed(/"bootstrap":"([^"]+)"/);
  await dht.kill('SIGTERM');
  return bootstrap;
}

it('is the same to others after a restart, and keeps nothing that it cannot read', async () => {
  using folder = temporaryFolder();
  const state = join(folder.path, 'dht.json');
  const first = await runUntilUp(state);
  const ports = JSON.parse(readFileSync(state, 'utf8')).ports;
  expect(await runUntilUp(state)).toBe(first);
  expect(JSON.parse(readFileSync(state, 'utf8'))).toMatchObject({ version: 1, ports, nodes: [] });
  writeFileSync(state, '{"version":1,"ports":["one"]}');
  const refused = await runCli(['dht', '--state', state]);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('was not written by "swarmlog dht"')]);
  const nowhere = await runCli(['dht', '--state', join(folder.path, 'nowhere', 'dht.json')]);
  expect([nowhere.code, nowhere.stdout]).toEqual([2, '']);
});
