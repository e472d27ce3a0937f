/** The story of two people, told through the command line. Each test goes on where the one before it ended. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCertificates } from '../../src/identity/x509-adapter.ts';
import { type RunningCli, runCli, temporaryFolder } from '../support/cli/built-program.ts';
import { createDevice, startEngine, until } from '../support/cli/device.ts';
import { type TwoDevices, twoDevices } from '../support/cli/two-devices.ts';
import { fsck, git } from '../support/git/stock-git.ts';
import { describeNeeding, stockGit } from '../support/runner/needs.ts';

interface LogLine {
  id: string;
  author: string;
  type: string;
  body: Record<string, unknown>;
  fileId?: string;
}

interface Outcome {
  interaction: string;
  fileId: string;
  displayName: string;
  outcome: string;
  bytes: number;
  totalSize: number;
  sha3sum: string;
  from: string[];
  waitsFor?: string;
}

interface Status {
  account: { uri: string; device: string; name: string };
  links: { peer: { device: string; account: string }; path: { kind: string } }[];
  waiting: { displayName: string; state: string; says: string; waitsFor: { step: string } }[];
}

let stage: TwoDevices;
let engines: RunningCli[];
let conversation: string;

const directory = (name: 'alice' | 'bob') => join(stage[name].home, 'conversations', conversation);

beforeAll(async () => {
  stage = await twoDevices('fresh');
  engines = await Promise.all([startEngine(stage.alice, stage.bootstrap), startEngine(stage.bob, stage.bootstrap)]);
});

afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.kill('SIGKILL')));
  await stage[Symbol.asyncDispose]();
});

describe('an account', () => {
  it('is made once, with keys of 4096 bits, that of the device for its owner’s eyes only, and tells its ids', async () => {
    using folder = temporaryFolder();
    const home = join(folder.path, 'carol');
    const made = await runCli(['--json', 'init', '--name', 'Carol', '--home', home]);
    expect(made.code).toBe(0);
    const { uri, device, name } = JSON.parse(made.stdout) as Record<string, string>;
    expect({ uri, device, name }).toEqual({
      uri: expect.stringMatching(/^[0-9a-f]{40}$/),
      device: expect.stringMatching(/^[0-9a-f]{64}$/),
      name: 'Carol',
    });
    expect(statSync(join(home, 'ring_device.key')).mode & 0o777).toBe(0o600);
    const chain = parseCertificates(readFileSync(join(home, 'ring_device.crt')));
    expect(chain.map(({ publicKey }) => publicKey.asymmetricKeyDetails?.modulusLength)).toEqual([4096, 4096, 4096]);
    const carol = await createDevice(home);
    expect({ uri: carol.uri, device: carol.device }).toEqual({ uri, device });
  });
});

describe('a conversation of two', () => {
  it('is made, and cannot be joined before the invitation has arrived', async () => {
    const [made] = await stage.alice.json<{ conversation: string }>('new', '--title', 'Weekend');
    conversation = made?.conversation ?? '';
    const early = await stage.bob.run('join', conversation);
    expect(early.code).toBe(1);
    expect(early.stdout).toBe('');
    expect(early.stderr).toContain(`No invitation to ${conversation} has arrived yet`);
  });

  it('is joined once the invitation is there', async () => {
    await stage.alice.json('invite', conversation, stage.bob.uri);
    await until(async () => (await stage.bob.invitations()).length > 0);
    expect(await stage.bob.conversations()).toEqual([
      { conversation, from: stage.alice.uri, mode: 2, title: 'Weekend', invited: true },
    ]);
    expect(await stage.bob.json('join', conversation)).toEqual([{ conversation }]);
    const [listed] = await stage.bob.conversations();
    expect(listed).toMatchObject({ conversation, title: 'Weekend', missing: 0 });
    expect(listed).not.toHaveProperty('invited');
  });

  it('carries messages both ways', async () => {
    await stage.alice.json('send', conversation, 'Hello Bob');
    await stage.bob.json('send', conversation, 'Hello Alice');
    await until(async () => (await stage.alice.head()) === (await stage.bob.head()));
    for (const name of ['alice', 'bob'] as const) {
      const lines = await stage[name].json<LogLine>('log', directory(name));
      const said = lines.filter(({ type }) => type === 'text/plain').map(({ author, body }) => [author, body['body']]);
      expect(said).toHaveLength(2);
      expect(said).toContainEqual([stage.alice.uri, 'Hello Bob']);
      expect(said).toContainEqual([stage.bob.uri, 'Hello Alice']);
    }
  });

  it('announces a file, which waits for its user and comes when it is fetched', async () => {
    const path = join(stage.folder, 'plan.txt');
    writeFileSync(path, 'Saturday: hills. Sunday: sea.\n');
    const [sent] = await stage.alice.json<{ interaction: string; fileId: string }>('send-file', conversation, path);
    await until(async () => (await stage.alice.head()) === (await stage.bob.head()));

    const [before] = await stage.bob.json<Status>('status');
    expect(before?.links).toMatchObject([{ peer: { device: stage.alice.device, account: stage.alice.uri } }]);
    expect(before?.waiting).toMatchObject([
      { displayName: 'plan.txt', state: 'missing', waitsFor: { step: 'await-user' } },
    ]);

    const outcomes = await stage.bob.json<Outcome>('fetch', conversation, sent?.interaction ?? '');
    expect(outcomes).toEqual([
      {
        ...sent,
        displayName: 'plan.txt',
        outcome: 'complete',
        bytes: 30,
        totalSize: 30,
        sha3sum: expect.stringMatching(/^[0-9a-f]{128}$/),
        from: [stage.alice.device],
      },
    ]);
    expect(await stage.bob.json<Status>('status')).toMatchObject([{ waiting: [] }]);
    const data = join(stage.bob.home, 'conversation_data', conversation);
    expect(await stage.bob.json('files', directory('bob'), '--data', data)).toMatchObject([
      { ...sent, state: 'complete', bytes: 30 },
    ]);
  });

  it('has nothing to fetch when nothing is missing, and says so aside', async () => {
    const { code, stdout, stderr } = await stage.bob.run('fetch', conversation, '--json');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('Nothing is missing');
  });

  it('verifies on both devices, and is told alike by them', async () => {
    const [alices, bobs] = await Promise.all([
      stage.alice.json('verify', directory('alice')),
      stage.bob.json('verify', directory('bob')),
    ]);
    expect(alices).toMatchObject([{ conversation, mode: 2, valid: true, problems: [] }]);
    expect(bobs).toEqual(alices);
    const [hers, his] = await Promise.all([
      stage.alice.json('timeline', directory('alice')),
      stage.bob.json('timeline', directory('bob')),
    ]);
    expect(his).toEqual(hers);
    expect(his.map(({ kind }) => kind)).toContain('file');
  });
});

describeNeeding(stockGit, 'the directory of a conversation', () => {
  it('is a repository that git clones and finds in order', async () => {
    using folder = temporaryFolder();
    for (const name of ['alice', 'bob'] as const) {
      const clone = join(folder.path, name);
      await git(folder.path, 'clone', '--quiet', directory(name), clone);
      expect(await fsck(clone)).toBe('');
      expect(await fsck(directory(name))).toBe('');
    }
  });
});

describe('the command line', () => {
  it('takes the home from SWARMLOG_HOME', async () => {
    const { code, stdout } = await runCli(['id', '--json'], { env: { SWARMLOG_HOME: stage.alice.home } });
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, uri: stage.alice.uri });
  });

  it('takes its options anywhere on the line', async () => {
    const lines = await Promise.all([
      runCli(['--json', '--home', stage.bob.home, 'send', conversation, 'first']),
      runCli(['send', '--json', conversation, '--home', stage.bob.home, 'second']),
      runCli(['send', conversation, 'third', `--home=${stage.bob.home}`, '--json']),
    ]);
    for (const { code, stdout } of lines) {
      expect({ code, ...JSON.parse(stdout) }).toEqual({
        code: 0,
        interaction: expect.stringMatching(/^[0-9a-f]{40}$/),
      });
    }
  });

  it('helps', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const command of ['verify', 'log', 'files', 'init', 'up', 'fetch', 'status', 'demo']) {
      expect(stdout).toMatch(new RegExp(`^ +${command}\\b`, 'm'));
    }
    const ofCommand = await runCli(['fetch', '--help']);
    expect(ofCommand.code).toBe(0);
    expect(ofCommand.stdout).toContain('--wait');
  });

  it('ends an engine in order on SIGTERM, after which nobody answers', async () => {
    const [alices] = engines;
    await alices?.kill('SIGTERM');
    const { code, stderr } = await stage.alice.run('status');
    expect(code).toBe(2);
    expect(stderr).toContain(`No engine is running on ${stage.alice.home}`);
  });
});
