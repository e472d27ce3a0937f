/** A file that was changed at the sender after it was announced is not what was announced: nobody gets it. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { startEngine, until } from '../support/cli/device.ts';
import { pathOf, twoDevices } from '../support/cli/two-devices.ts';

interface Outcome {
  outcome: string;
  bytes: number;
  waitsFor: string;
}

it('a file tampered with at the sender is never served, and the receiver is told why', async () => {
  await using stage = await twoDevices();
  const { alice, bob, bootstrap, conversation, folder } = stage;
  await using _ = await startEngine(alice, bootstrap);
  await using __ = await startEngine(bob, bootstrap);
  const path = join(folder, 'contract.txt');
  writeFileSync(path, 'Alice owes Bob 10.\n');
  const [sent] = await alice.json<{ interaction: string; fileId: string }>('send-file', conversation, path);
  const fileId = sent?.fileId ?? '';
  // As long as it was, so that only its digest tells.
  writeFileSync(pathOf(alice, conversation, fileId), 'Alice owes Bob 99.\n');
  await until(async () => (await alice.head()) === (await bob.head()));

  const { code, stdout } = await bob.run('fetch', conversation, '--json');
  const outcome = JSON.parse(stdout) as Outcome;
  expect({ code, ...outcome }).toMatchObject({ code: 1, ...sent, outcome: 'waiting', bytes: 0 });
  expect(outcome.waitsFor).toContain(`device ${alice.device.slice(0, 8)} has a copy that is not what was announced`);
  const target = pathOf(bob, conversation, fileId);
  expect(existsSync(dirname(target)) ? readdirSync(dirname(target)) : []).toEqual([]);
  expect(
    await alice.json(
      'files',
      join(alice.home, 'conversations', conversation),
      '--data',
      dirname(pathOf(alice, conversation, fileId)),
    ),
  ).toMatchObject([{ fileId, state: 'corrupt' }]);
});
