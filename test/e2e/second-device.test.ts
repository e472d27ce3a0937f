/** The story of a second device, told through the command line. Each test goes on where the one before it ended. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCli, runCli, temporaryFolder } from '../support/cli/built-program.ts';
import { createDevice, type Device, startEngine, until } from '../support/cli/device.ts';
import { pathOf, type TwoDevices, twoDevices } from '../support/cli/two-devices.ts';
import { sha3Of, someBytes } from '../support/fetcher/announced-file.ts';

interface Imported {
  readonly uri: string;
  readonly device: string;
  readonly conversations: number;
}

interface Listing {
  readonly conversations: readonly { readonly missing: number }[];
}

interface Sent {
  readonly interaction: string;
  readonly fileId: string;
}

interface Share {
  readonly peer: string;
  readonly phase: string;
  readonly bytes: number;
}

interface Transfer {
  readonly interaction: string;
  readonly phase: string;
  readonly where?: string;
  readonly by?: string;
  readonly failure?: string;
  readonly subTransfers: readonly Share[];
}

const MiB = 1024 * 1024;
const BIG_BYTES = 24 * MiB;

const folder = temporaryFolder();
const [exported, password, wrong] = ['alice.account', 'password', 'wrong'].map((name) => join(folder.path, name)) as [
  string,
  string,
  string,
];
const home = join(folder.path, 'phone');
let stage: TwoDevices;
let conversation: string;
let phone: Device;
let tent: Sent;
const engines: RunningCli[] = [];

const start = async (device: Pick<Device, 'home'>) => {
  const engine = await startEngine(device, stage.bootstrap);
  engines.push(engine);
  return engine;
};

beforeAll(async () => {
  stage = await twoDevices('joined');
  conversation = stage.conversation;
  writeFileSync(password, 'correct horse\nnot this line\n');
  writeFileSync(wrong, 'wrong horse\n');
  await Promise.all([start(stage.alice), start(stage.bob)]);
  tent = await send(stage.alice, 'tent.png', Buffer.from('green'));
});

afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.kill('SIGKILL')));
  await stage[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function send(device: Device, name: string, bytes: Uint8Array): Promise<Sent> {
  const path = join(folder.path, name);
  writeFileSync(path, bytes);
  return device.ask<Sent>('send-file', { conversation, path });
}

const say = (device: Device, word: string, { interaction }: Sent) =>
  device.ask('say', { conversation, word, files: [interaction] });
const isHere = (device: Device, { fileId }: Sent) => existsSync(pathOf(device, conversation, fileId));

async function transferAt(device: Device, { interaction }: Sent): Promise<Transfer | undefined> {
  const transfers = await device.ask<Transfer[]>('transfers', { conversation });
  return transfers.find((one) => one.interaction === interaction);
}

/** The shares in a file that Bob gives away, by whose they are. */
async function sharesAtBob(file: Sent): Promise<Readonly<Record<'alice' | 'phone', string | undefined>>> {
  const shares = (await transferAt(stage.bob, file))?.subTransfers ?? [];
  const phaseOf = ({ device }: Device) => shares.find(({ peer }) => peer === device)?.phase;
  return { alice: phaseOf(stage.alice), phone: phaseOf(phone) };
}

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
    expect([tried.code, tried.stderr]).toEqual([
      2,
      expect.stringMatching(/^[^\n]*The password does not open [^\n]*\n$/),
    ]);
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

  it('decides for itself; whoever sent the file sees the furthest of them', async () => {
    const file = await send(stage.bob, 'map.bin', someBytes(2 * MiB));
    await until(async () => Object.values(await sharesAtBob(file)).every((phase) => phase === 'awaiting-acceptance'));
    expect(await transferAt(stage.bob, file)).toMatchObject({ phase: 'awaiting-acceptance', where: 'there' });

    await say(stage.alice, 'refuse', file);
    await until(async () => (await sharesAtBob(file)).alice === 'refused');
    expect(await transferAt(stage.bob, file)).toMatchObject({ phase: 'awaiting-acceptance', where: 'there' });
    expect(await transferAt(phone, file)).toMatchObject({ phase: 'awaiting-acceptance', where: 'here' });

    await say(phone, 'accept', file);
    await until(async () => (await transferAt(stage.bob, file))?.phase === 'complete');
    expect(await sharesAtBob(file)).toEqual({ alice: 'refused', phone: 'complete' });
    expect(await transferAt(stage.alice, file)).toMatchObject({ phase: 'refused', by: 'us' });
    expect([isHere(stage.alice, file), isHere(phone, file)]).toEqual([false, true]);
  });

  it('that refuses too makes it refused for whoever sent it', async () => {
    const file = await send(stage.bob, 'again.bin', someBytes(100));
    await until(async () => Object.values(await sharesAtBob(file)).every((phase) => phase === 'awaiting-acceptance'));
    await Promise.all([say(stage.alice, 'refuse', file), say(phone, 'refuse', file)]);
    await until(async () => (await transferAt(stage.bob, file))?.phase === 'refused');
  });

  it('removes what the first one deletes; a member keeps it', async () => {
    await until(() => [stage.bob, phone].every((device) => isHere(device, tent)));
    await stage.alice.ask('delete', { conversation, message: tent.interaction });
    await until(() => ![stage.alice, phone].some((device) => isHere(device, tent)));
    await until(async () => (await stage.bob.head()) === (await stage.alice.head()));
    expect(isHere(stage.bob, tent)).toBe(true);
  });

  it('takes a file from the first one and from a member at once; the slow one loses its share', async () => {
    const bytes = someBytes(BIG_BYTES, 5);
    const file = await send(stage.bob, 'film.bin', bytes);
    await until(async () => (await sharesAtBob(file)).alice === 'awaiting-acceptance');
    await say(stage.alice, 'accept', file);
    await until(() => isHere(stage.alice, file));
    // At this rate half of it would take three minutes.
    const sources = [stage.alice, stage.bob];
    await Promise.all(sources.map((source) => source.ask('limits', { up: 64 * 1024 })));
    await say(phone, 'accept', file);
    const sharesHere = async () => (await transferAt(phone, file))?.subTransfers ?? [];
    await until(async () => (await sharesHere()).filter(({ phase }) => phase === 'running').length === sources.length);
    await stage.bob.ask('limits', { up: null });
    await until(() => isHere(phone, file));
    const path = pathOf(phone, conversation, file.fileId);
    expect(sha3Of(readFileSync(path))).toBe(sha3Of(bytes));
    const shares = await sharesHere();
    const bytesFrom = ({ device }: Device) => shares.find(({ peer }) => peer === device)?.bytes ?? 0;
    expect(bytesFrom(stage.bob)).toBeGreaterThan(BIG_BYTES / 2);
    expect(bytesFrom(stage.alice)).toBeLessThan(BIG_BYTES / 2);
    expect(readdirSync(dirname(path)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
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
