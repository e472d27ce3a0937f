/** Two engines that are forbidden to reach each other straight: a file comes through a real relay, which may come and go. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callEngine } from '../../src/engine/control/call-engine-adapter.ts';
import type { LinkView } from '../../src/net/net.ts';
import type { PolicyExplanation } from '../../src/projections/policy/explain-policy.ts';
import { type RunningCli, runCli } from '../support/cli/built-program.ts';
import { startEngine, until } from '../support/cli/device.ts';
import { pathOf, type TwoDevices, twoDevices } from '../support/cli/two-devices.ts';
import { type RunningTurnServer, startTurnServer } from '../support/net/turn-server.ts';
import { coturn, describeNeeding } from '../support/runner/needs.ts';
import { patience } from '../support/time/patience.ts';

interface Status {
  links: { kind: string; path: { kind: string } }[];
}

describeNeeding(coturn, 'with nothing but a relay between them', () => {
  const login = { kind: 'secret', username: 'alice', secret: randomBytes(16).toString('hex') } as const;
  const engines: RunningCli[] = [];
  let stage: TwoDevices;
  let turn: RunningTurnServer;

  beforeAll(async () => {
    [stage, turn] = await Promise.all([twoDevices('joined'), startTurnServer({ login })]);
  });
  afterAll(async () => {
    await Promise.all(engines.map((engine) => engine.kill('SIGKILL')));
    await turn?.stop();
    await stage?.[Symbol.asyncDispose]();
  });

  const policy = () => join(stage.folder, 'policy.json');
  const listOfRelays = () => join(stage.alice.home, 'relays.json');

  it('does not take a list of relays whose passwords others can read', async () => {
    const { username, secret } = login;
    const uri = `turn:127.0.0.1:${turn.port}`;
    writeFileSync(listOfRelays(), JSON.stringify({ relays: [{ uri, username, secret }] }));
    chmodSync(listOfRelays(), 0o644);
    const refused = await runCli(['up', '--home', stage.alice.home, '--bootstrap', stage.bootstrap]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('chmod 600')]);
  });

  /** Bytes that came over Bob's link. */
  async function received(): Promise<number> {
    const status = await callEngine(stage.bob.home, { method: 'status', params: {}, signal: patience() });
    return (status as { readonly links: readonly LinkView[] }).links[0]?.traffic.received ?? 0;
  }

  it('carries a file from one to the other, though it is killed and started again in the middle', async () => {
    chmodSync(listOfRelays(), 0o600);
    const straightForbidden = ['--paths', 'tcp-relay', '--limit-up', '2M'];
    const rules = [{ when: { over: 'relay', type: 'picture' }, do: 'ask' }];
    writeFileSync(policy(), JSON.stringify({ rules, auto: 'all' }));
    for (const device of [stage.alice, stage.bob])
      engines.push(await startEngine(device, stage.bootstrap, ...straightForbidden, '--policy', policy()));
    const bytes = randomBytes(5_000_000);
    const path = join(stage.folder, 'film.bin');
    writeFileSync(path, bytes);
    const [sent] = await stage.alice.json<{ fileId: string; interaction: string }>(
      'send-file',
      stage.conversation,
      path,
    );
    await until(async () => (await stage.alice.head()) === (await stage.bob.head()));
    // Without `--wait` it may end while there is no link.
    const fetched = stage.bob.json<{ outcome: string }>('fetch', stage.conversation, sent?.fileId ?? '', '--wait');
    await until(async () => (await received()) > bytes.length / 5);
    await turn.stop();
    turn = await startTurnServer({ login, port: turn.port });
    const [got] = await fetched;
    expect(got?.outcome).toBe('complete');
    const [status] = await stage.bob.json<Status>('status');
    expect(status?.links).toMatchObject([{ kind: 'relay', path: { kind: 'tcp-relay' } }]);
  });

  it('carries nothing that the policy does not want over a relay, until the user asks for it', async () => {
    const path = join(stage.folder, 'tree.png');
    writeFileSync(path, randomBytes(1000));
    const { conversation } = stage;
    const { fileId } = await stage.alice.ask<{ fileId: string }>('send-file', { conversation, path });
    await until(async () => (await stage.alice.head()) === (await stage.bob.head()));
    const explain = () => stage.bob.ask<PolicyExplanation>('explain-policy', { conversation, file: fileId });
    await until(async () => (await explain()).links.includes('relay'));
    expect(await explain()).toMatchObject({ fetch: false, rule: 'own-rule', links: ['relay'] });
    await stage.bob.ask('say', { conversation, word: 'accept', files: [fileId] });
    await until(() => existsSync(pathOf(stage.bob, conversation, fileId)));
  });

  it('gets what the policy did not want over a relay unasked, once there is a direct link', async () => {
    const path = join(stage.folder, 'lake.png');
    writeFileSync(path, randomBytes(1000));
    const { conversation } = stage;
    const { fileId } = await stage.alice.ask<{ fileId: string }>('send-file', { conversation, path });
    await until(async () => (await stage.alice.head()) === (await stage.bob.head()));
    const explain = () => stage.bob.ask<PolicyExplanation>('explain-policy', { conversation, file: fileId });
    expect(await explain()).toMatchObject({ fetch: false, rule: 'own-rule' });

    await Promise.all(engines.splice(0).map((engine) => engine.kill('SIGTERM')));
    expect(existsSync(pathOf(stage.bob, conversation, fileId))).toBe(false);
    for (const device of [stage.alice, stage.bob])
      engines.push(await startEngine(device, stage.bootstrap, '--policy', policy()));
    await until(() => existsSync(pathOf(stage.bob, conversation, fileId)));
    const [status] = await stage.bob.json<Status>('status');
    expect(status?.links).not.toMatchObject([{ kind: 'relay' }]);
  });
});
