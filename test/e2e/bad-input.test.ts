/**
 * What people and machines get wrong: a sentence that names the thing, the right exit code, and nothing lost.
 * Most commands run in this process; those that would go on, or that a process has to end, in one of their own.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type RunningCli, runCli, temporaryFolder } from '../support/cli/built-program.ts';
import { type ListedConversation, startEngine, until } from '../support/cli/device.ts';
import { type RunHere, runHere } from '../support/cli/run-here.ts';
import { type TwoDevices, twoDevices } from '../support/cli/two-devices.ts';
import { bundleOf } from '../support/events/recorded.ts';
import { entriesUnder } from '../support/folders/entries-under.ts';

const BUNDLE = bundleOf('alice');
const A_COMMIT = '0123456789abcdef0123456789abcdef01234567';

let stage: TwoDevices;
/** Alice's: the other commands have somebody to talk to. */
let engine: RunningCli;

beforeAll(async () => {
  stage = await twoDevices();
  engine = await startEngine(stage.alice, stage.bootstrap);
});

afterAll(async () => {
  await engine.kill('SIGKILL');
  await stage[Symbol.asyncDispose]();
});

/** Of a process, the code is null when it had to be killed. */
type RefusedCommand = Omit<RunHere, 'code'> & { readonly code: number | null };

/** It ended as it should, said so on stderr in one sentence without a stack, and printed no value. */
function expectRefusal(
  { code, stdout, stderr }: RefusedCommand,
  expected: { code: 1 | 2; says: string | RegExp },
): void {
  expect({ code, stdout }).toEqual({ code: expected.code, stdout: '' });
  expect(stderr).toMatch(expected.says);
  expect(stderr).toMatch(/^swarmlog: /m);
  expect(stderr).not.toMatch(/^ +at |node:internal|\[object|undefined/m);
}

describe.concurrent('a source that is none', () => {
  const made = temporaryFolder();
  afterAll(() => made[Symbol.dispose]());
  const file = (name: string, content: string | Buffer = '') => {
    writeFileSync(join(made.path, name), content);
    return join(made.path, name);
  };
  const folder = (name: string) => {
    mkdirSync(join(made.path, name));
    return join(made.path, name);
  };
  const flipped = readFileSync(BUNDLE);
  const middle = flipped.length >> 1;
  flipped.writeUInt8(flipped.readUInt8(middle) ^ 1, middle);

  it.each([
    ['a missing path', join(made.path, 'nowhere'), 'There is nothing at'],
    ['a text file', file('letter.txt', 'Dear Bob\n'), 'it is no git bundle'],
    ['an empty file', file('empty.bundle'), 'it is no git bundle'],
    ['an empty folder', folder('empty'), 'holds no git repository'],
    ['a truncated bundle', file('cut.bundle', readFileSync(BUNDLE).subarray(0, 20_000)), 'is truncated after'],
    ['a bundle with a flipped byte', file('flipped.bundle', flipped), 'cannot be read as a conversation'],
  ])('%s', async (_, path, says) => {
    const finished = await runHere(['verify', path, '--json']);
    expectRefusal(finished, { code: 2, says });
    expect(finished.stderr).toContain(path);
  });
});

describe('a repository of something else', () => {
  const made = temporaryFolder();
  afterAll(() => made[Symbol.dispose]());
  beforeAll(() => {
    const as = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
    execFileSync('git', ['init', '-q', made.path]);
    execFileSync('git', [...as, '-C', made.path, 'commit', '-q', '--allow-empty', '-m', 'Begin']);
  });

  it.each(['log', 'timeline', 'members'])('%s says that it is no conversation, and why', async (command) => {
    const finished = await runHere([command, made.path]);
    const says =
      'cannot be read as a conversation: its newest commit is none of a conversation, the author is no device';
    expectRefusal(finished, { code: 2, says });
  });

  it('verify does not call it valid, and wonders', async () => {
    const { code, stdout } = await runHere(['verify', made.path]);
    expect({ code, asks: stdout.includes('is it a repository of something else?') }).toEqual({ code: 1, asks: true });
  });
});

describe.concurrent('a command line that cannot be meant', () => {
  it.each<[string, string[], string | RegExp]>([
    ['an unknown command', ['frobnicate'], "unknown command 'frobnicate'"],
    ['an unknown option', ['verify', BUNDLE, '--frob'], "unknown option '--frob'"],
    ['a missing word', ['verify'], "missing required argument 'source'"],
    ['an unknown order', ['log', BUNDLE, '--order', 'random'], "'random' is invalid"],
    ['a folder of files that does not exist', ['files', BUNDLE, '--data', '/no/such/folder'], '/no/such/folder'],
    ['a folder of files that is a file', ['files', BUNDLE, '--data', BUNDLE], 'it is no folder'],
    ['a device id that is none', ['requests', BUNDLE, '--data', '.', '--device', 'bob'], "'bob' is invalid"],
    ['no home', ['status'], /--home DIR, or set SWARMLOG_HOME/],
    ['a port that is none', ['dht', '--port', '99999'], 'up to 65535'],
    ['an account without a name', ['init', '--home', '/no/such/home', '--name', ' '], 'needs a name'],
  ])('%s', async (_, args, says) => {
    expectRefusal(await runHere(args), { code: 2, says });
  });
});

describe.concurrent('a home that cannot be used', () => {
  /** Alice's, with one of its files spoilt. */
  const spoilt = (spoil: (home: string) => void) => {
    const folder = temporaryFolder();
    const home = join(folder.path, 'alice');
    cpSync(join(inject('homes'), 'joined', 'alice'), home, { recursive: true });
    spoil(home);
    return { home, [Symbol.dispose]: () => folder[Symbol.dispose]() };
  };
  const write = (name: string, content: string) => (home: string) => writeFileSync(join(home, name), content);

  it.each<[string, (home: string) => void, RegExp]>([
    ['a key that is no key', write('ring_device.key', 'not a key'), /ring_device\.key cannot be used: .*PEM/],
    ['a truncated key', (home) => truncateSync(join(home, 'ring_device.key'), 900), /ring_device\.key cannot be used/],
    ['a truncated certificate', (home) => truncateSync(join(home, 'ring_device.crt'), 900), /ring_device\.crt cannot/],
    ['an empty certificate', write('ring_device.crt', ''), /ring_device\.crt cannot be used/],
    ['a newer version', write('home.json', '{"version":99}'), /newer swarmlog \(home version 99/],
    ['a home.json that is none', write('home.json', '{'), /home\.json is damaged/],
    ['a seed of the wrong length', write('dht.seed', 'short'), /dht\.seed is damaged: it has 5 bytes/],
  ])('%s', async (_, spoil, says) => {
    using given = spoilt(spoil);
    const up = await runHere(['up', '--home', given.home, '--bootstrap', stage.bootstrap]);
    expectRefusal(up, { code: 2, says });
    expect(up.stderr).toContain(given.home);
  });

  it('a home without an account', async () => {
    using folder = temporaryFolder();
    for (const args of [['id'], ['up', '--bootstrap', stage.bootstrap]]) {
      expectRefusal(await runHere([...args, '--home', folder.path]), { code: 2, says: 'holds no account' });
    }
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('a home that has an account already, which stays as it is', async () => {
    const { home } = stage.bob;
    const key = readFileSync(join(home, 'ring_device.key'));
    expectRefusal(await runHere(['init', '--home', home, '--name', 'Eve']), {
      code: 2,
      says: 'holds an account already',
    });
    expect(readFileSync(join(home, 'ring_device.key'))).toEqual(key);
  });

  it('a home on which no engine runs', async () => {
    for (const args of [['status'], ['conversations'], ['send', stage.conversation, 'hello']]) {
      const finished = await runHere([...args, '--home', stage.bob.home]);
      expectRefusal(finished, { code: 2, says: `No engine is running on ${stage.bob.home}` });
    }
  });
});

describe('an engine', () => {
  it('does not start a second time on one home, and the first does not mind', async () => {
    const second = await runCli(['up', '--home', stage.alice.home, '--bootstrap', stage.bootstrap]);
    expectRefusal(second, { code: 2, says: `Another engine is running on ${stage.alice.home}. ` });
    expect(await stage.alice.json('status')).toHaveLength(1);
  });

  it('says that no DHT answers, and leaves the home free', async () => {
    const { home } = stage.bob;
    const up = await runCli(['up', '--home', home, '--bootstrap', '127.0.0.1:9']);
    expectRefusal(up, { code: 1, says: 'No DHT node answers at 127.0.0.1:9' });
    await using _ = await startEngine(stage.bob, stage.bootstrap);
  });

  it('does not take an address that is none', async () => {
    const up = await runHere(['up', '--home', stage.bob.home, '--bootstrap', 'nonsense']);
    expectRefusal(up, { code: 2, says: '"nonsense" is no address' });
  });
});

interface Wish {
  readonly args: (conversation: string) => string[];
  readonly code: 1 | 2;
  readonly says: string;
}

describe('a wish that cannot be granted', () => {
  let before: ListedConversation[];
  beforeAll(async () => {
    before = await stage.alice.conversations();
  });

  it.each<[string, Wish]>([
    ['an unknown conversation', { args: () => ['send', A_COMMIT, 'hi'], code: 1, says: `no conversation ${A_COMMIT}` }],
    ['a conversation id that is none', { args: () => ['send', 'zz', 'hi'], code: 2, says: 'conversation "zz" must' }],
    ['a uri that is none', { args: (id) => ['invite', id, 'bob'], code: 2, says: 'uri "bob" must be 40' }],
    ['a member', { args: (id) => ['invite', id, stage.bob.uri], code: 1, says: 'Not allowed .already-a-member.' }],
    ['an invitation that never came', { args: () => ['join', A_COMMIT], code: 1, says: `invitation to ${A_COMMIT}` }],
    ['a message without words', { args: (id) => ['send', id, ''], code: 1, says: 'Not allowed .empty.' }],
    [
      'a file that is not there',
      { args: (id) => ['send-file', id, '/nowhere'], code: 2, says: '/nowhere: there is no' },
    ],
    ['a folder', { args: (id) => ['send-file', id, '/'], code: 2, says: '/: it is no regular file' }],
    ['an interaction that is none', { args: (id) => ['fetch', id, 'zz'], code: 1, says: 'no file or message "zz"' }],
    [
      'an unknown interaction',
      { args: (id) => ['fetch', id, A_COMMIT], code: 1, says: `no file or message "${A_COMMIT}"` },
    ],
    ['a title of two lines', { args: () => ['new', '--title', 'a\nb'], code: 1, says: 'Not allowed .unsafe-name.' }],
  ])('%s', async (_, { args, code, says }) => {
    const finished = await runHere([...args(stage.conversation), '--json', '--home', stage.alice.home]);
    expectRefusal(finished, { code, says: new RegExp(says) });
  });

  it('leaves nothing behind', async () => {
    expect(await stage.alice.conversations()).toEqual(before);
  });
});

describe('a name for a file', () => {
  const letter = () => {
    const path = join(stage.folder, 'letter.txt');
    writeFileSync(path, 'Dear Bob\n');
    return path;
  };
  /** The journal and git's objects change with every commit: nobody looks inside. */
  const everything = () => entriesUnder(stage.folder, ['journal', '.git']);

  it.each(['../../x', 'x.a/b', 'x.\u0001b'])('%j would lead out of its folder and is refused', async (name) => {
    const path = letter();
    const before = everything();
    const words = ['send-file', stage.conversation, path, '--name', name, '--home', stage.alice.home];
    const finished = await runHere(words);
    expectRefusal(finished, { code: 1, says: 'Not allowed (unsafe-name)' });
    expect(everything()).toEqual(before);
  });

  it('may hold what would harm a terminal, which is shown harmless', async () => {
    const name = 'evil\u001b[31m\u202etxt.exe';
    const [sent] = await stage.alice.json<{ fileId: string }>(
      'send-file',
      stage.conversation,
      letter(),
      '--name',
      name,
    );
    expect(sent?.fileId).toMatch(/^[0-9a-f]{40}_\d+\.exe$/);
    const log = join(stage.alice.home, 'conversations', stage.conversation);
    for (const command of ['log', 'timeline']) {
      const { stdout } = await runHere([command, log]);
      expect(stdout).toContain('evil\ufffd[31m\ufffdtxt.exe');
    }
    const [line] = (await stage.alice.json<{ type: string; body: object }>('log', log)).slice(-1);
    expect(line?.body).toMatchObject({ displayName: name });
  });

  it('may be that of a path, which stays a name', async () => {
    const [sent] = await stage.alice.json<{ fileId: string }>(
      'send-file',
      stage.conversation,
      letter(),
      '--name',
      '../../../../tmp/swarmlog-escaped',
    );
    const before = everything();
    await using _ = await startEngine(stage.bob, stage.bootstrap, '--accept', 'all');
    const arrived = `bob/conversation_data/${stage.conversation}/${sent?.fileId}`;
    await until(() => everything().includes(arrived));
    const added = everything().filter(
      (path) => !before.includes(path) && /letter|escaped|conversation_data\/./.test(path),
    );
    expect(added.every((path) => path.startsWith(`bob/conversation_data/${stage.conversation}/`))).toBe(true);
  });
});

it('nothing but our own words reaches the terminal, whatever a package prints', async () => {
  const print = `process.on('exit', () => { console.log('by the way'); console.error('task rejected'); })`;
  const preload = `data:text/javascript,${encodeURIComponent(print)}`;
  const finished = await runCli(['status'], { env: { NODE_OPTIONS: `--import ${preload}` } });
  expectRefusal(finished, { code: 2, says: 'Say which home' });
  expect(finished.stdout + finished.stderr).not.toMatch(/by the way|task rejected/);
});
