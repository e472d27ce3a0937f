import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runHere } from '../../support/cli/run-here.ts';
import { recordedPath } from '../../support/events/interactions.ts';
import { temporaryDirectory } from '../../support/folders/temporary-directory.ts';

const PACKAGE = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'));

describe('the command line', () => {
  it('prints help, whole and for each command, and the version', async () => {
    const help = await runHere(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    const commands = [...help.stdout.matchAll(/^ {2}([a-z][a-z-]*) .*$/gm)].map(([, name = '']) => name);
    expect(commands).toEqual(expect.arrayContaining(['verify', 'log', 'up', 'init', 'send-file', 'fetch', 'demo']));
    for (const command of commands.filter((name) => name !== 'help')) {
      const { code, stdout } = await runHere([command, '--help']);
      expect({ command, code }).toEqual({ command, code: 0 });
      expect(stdout).toContain('--json');
    }
    expect((await runHere(['--version'])).stdout).toBe(`${PACKAGE.version}\n`);
  });

  it.each([
    ['an unknown command', ['frobnicate']],
    ['an unknown option', ['verify', 'x', '--frobnicate']],
    ['a missing argument', ['verify']],
    ['an option without its value', ['log', 'x', '--order']],
    ['an order that there is not', ['log', 'x', '--order', 'newest']],
    ['a port that there is not', ['dht', '--port', '70000']],
    ['nowhere to be found', ['up', '--home', '/nowhere']],
    ['a policy that there is not', ['up', '--bootstrap', '127.0.0.1:1', '--accept', 'some']],
    [
      'a policy file that is not there',
      ['up', '--home', '/nowhere', '--bootstrap', '127.0.0.1:1', '--policy', '/nowhere'],
    ],
    ['two policies', ['up', '--bootstrap', '127.0.0.1:1', '--accept', 'all', '--policy', 'x']],
    ['a rate that is none', ['up', '--bootstrap', '127.0.0.1:1', '--limit-up', 'fast']],
    ['a limit that is none', ['limits', '--down', '-5']],
    ['a device that is none', ['requests', 'x', '--data', '.', '--device', 'abc']],
    ['no home', ['id']],
    ['an empty home', ['id', '--home', '']],
    ['a source that is not there', ['verify', '/nowhere/at/all']],
  ])('with %s ends with 2, nothing on stdout, and says why', async (_, args) => {
    const { code, stdout, stderr } = await runHere(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^swarmlog: /);
  });

  it('finds the home in SWARMLOG_HOME, and says when there is no account or no engine in it', async () => {
    const env = { SWARMLOG_HOME: await temporaryDirectory() };
    expect((await runHere(['id'], env)).stderr).toContain(env.SWARMLOG_HOME);
    const status = await runHere(['status'], env);
    expect(status.code).toBe(2);
    expect(status.stderr).toContain('swarmlog up');
  });

  it.each([
    ['verify', 'Stopped: the history was not looked at to its end, and nothing is known of it.\n'],
    ['timeline', 'Stopped.\n'],
  ])('says what was left when %s is stopped', async (command, stderr) => {
    const stopped = new AbortController();
    stopped.abort();
    const ran = await runHere([command, recordedPath('alice.bundle')], {}, stopped);
    expect(ran).toEqual({ code: 130, stdout: '', stderr });
  });

  it('takes options anywhere on the line', async () => {
    const bundle = recordedPath('alice.bundle');
    const lines = await Promise.all([
      runHere(['--json', 'members', bundle]),
      runHere(['members', '--json', bundle]),
      runHere(['members', bundle, '--json']),
    ]);
    expect(new Set(lines.map(({ stdout }) => stdout)).size).toBe(1);
    expect(
      lines[0]?.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).role),
    ).toHaveLength(2);
  });

  it('says no with 1 where the answer is no', async () => {
    const home = join(await temporaryDirectory(), 'home');
    const { code } = await runHere(['status', '--home', home]);
    expect(code).toBe(2);
    const valid = await runHere(['verify', recordedPath('alice.bundle')]);
    expect(valid).toMatchObject({ code: 0, stderr: '' });
    expect(valid.stdout).toMatch(/valid\n$/);
  });
});
