/** The story of a second device, told through the command line. Each test goes on where the one before it ended. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCli, runCli, temporaryFolder } from '../support/cli.ts';
import { createDevice, type Device, startEngine, until } from '../support/device.ts';
import { type TwoDevices, twoDevices } from '../support/two-devices.ts';

interface Imported {
  readonly uri: string;
  readonly device: string;
  readonly conversations: number;
}

interface Listing {
  readonly conversations: readonly { readonly missing: number }[];
}

const folder = temporaryFolder();
const [exported, password, wrong] = ['alice.account', 'password', 'wrong'].map((name) => join(folder.path, name)) as [
  string,
  string,
  string,
];
const home = join(folder.path, 'phone');
let stage: TwoDevices;
let phone: Device;
const engines: RunningCli[] = [];

const start = async (device: Pick<Device, 'home'>) => {
  const engine = await startEngine(device, stage.bootstrap, '--accept', 'all');
  engines.push(engine);
  return engine;
};

beforeAll(async () => {
  stage = await twoDevices('joined');
  writeFileSync(password, 'correct horse\nnot this line\n');
  writeFileSync(wrong, 'wrong horse\n');
  await Promise.all([start(stage.alice), start(stage.bob)]);
  writeFileSync(join(folder.path, 'list.txt'), 'tent, torch, tea');
  const [conversation] = await stage.alice.conversations();
  await stage.alice.json('send-file', conversation?.conversation ?? '', join(folder.path, 'list.txt'));
});

afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.kill('SIGKILL')));
  await stage[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

describe('a second device', () => {
  it('is exported under a password, which needs a terminal or a file, and never over another file', async () => {
    const asked = await stage.alice.run('device', 'export', exported);
    expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('--password-file FILE')]);
    await stage.alice.json('device', 'export', exported, '--password-file', password);
    expect(statSync(exported).mode & 0o777).toBe(0o600);
    const text = readFileSync(exported, 'utf8');
    const again = await stage.alice.run('device', 'export', exported, '--password-file', password);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('choose another name')]);
    expect(readFileSync(exported, 'utf8')).toBe(text);
  });

  it('leaves nothing behind when the password is wrong', async () => {
    const tried = await runCli(['device', 'import', exported, '--home', home, '--password-file', wrong]);
    expect([tried.code, tried.stderr]).toEqual([2, expect.stringContaining('The password does not open')]);
    expect(existsSync(home)).toBe(false);
  });

  it('is imported, and gets the history and the file', async () => {
    const made = await runCli(['device', 'import', exported, '--home', home, '--password-file', password, '--json']);
    expect(made.code).toBe(0);
    const imported = JSON.parse(made.stdout) as Imported;
    expect(imported).toMatchObject({ uri: stage.alice.uri, conversations: 1 });
    expect(imported.device).not.toBe(stage.alice.device);
    phone = await createDevice(home);
    await start(phone);
    await until(async () => (await phone.head()) === (await stage.alice.head()));
    await until(async () => (await phone.ask<Listing>('conversations')).conversations[0]?.missing === 0);
    expect(await phone.conversations()).toMatchObject([{ missing: 0 }]);
  });

  it('is revoked by the first one: it says so and stops, and does not start again', async () => {
    const engine = engines.at(-1);
    const revoked = await stage.alice.json(
      'device',
      'revoke',
      phone.device.slice(0, 8),
      '--account-password-file',
      password,
    );
    expect(revoked).toEqual([{ device: phone.device, isTold: true }]);
    const ended = await engine?.ended();
    expect([ended?.code, ended?.stderr]).toEqual([1, expect.stringContaining('was revoked by its account')]);
    const again = await phone.run('up', '--bootstrap', stage.bootstrap);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('was revoked by its account')]);
    expect(await phone.json('device', 'list')).toContainEqual({ device: phone.device, isThis: true, isRevoked: true });
  });
});
