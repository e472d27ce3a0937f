/** `git-serve` and `clone`, each with the git of the machine at the other end. */
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type RunningCli, runCli, startCli, temporaryFolder } from '../support/cli/built-program.ts';
import { bundleOf, expected } from '../support/events/recorded.ts';
import { stockDaemon } from '../support/git/git-daemon.ts';
import { fsck, git } from '../support/git/stock-git.ts';
import { describeNeeding, stockGit } from '../support/runner/needs.ts';

const { conversationId: conversation, holders } = expected;

/** A server on a source, and a folder to clone into. */
async function serving(source: string, ...options: readonly string[]): Promise<{ server: RunningCli; url: string }> {
  const server = startCli(['git-serve', source, '--json', ...options]);
  const [line] = await server.printed(/^\{.*\}$/m);
  return { server, url: (JSON.parse(line) as { url: string }).url };
}

const headOf = async (directory: string) => (await git(directory, 'rev-parse', 'HEAD')).stdout.trim();
const countOf = async (directory: string) => Number((await git(directory, 'rev-list', '--count', 'HEAD')).stdout);

describeNeeding(stockGit, 'a stock git at a recorded conversation that is served', () => {
  const folder = temporaryFolder();
  let server: RunningCli;
  let url: string;

  beforeAll(async () => {
    ({ server, url } = await serving(bundleOf('bob')));
  });
  afterAll(async () => {
    await server.kill('SIGKILL');
    folder[Symbol.dispose]();
  });

  it('finds it under its id, lists it, and clones all of it', async () => {
    expect(url).toBe(`git://127.0.0.1:${new URL(url).port}/${conversation}`);
    const listed = (await git(folder.path, 'ls-remote', url)).stdout.trim().split('\n');
    expect(listed).toEqual([`${holders.bob.head}\tHEAD`, `${holders.bob.head}\trefs/heads/main`]);
    await git(folder.path, 'clone', '--quiet', url, 'whole');
    const whole = join(folder.path, 'whole');
    const { head, commitCount } = holders.bob;
    expect([await fsck(whole), await headOf(whole), await countOf(whole)]).toEqual(['', head, commitCount]);
  });

  it('clones the newest of it, and goes deeper in steps down to the beginning', async () => {
    await git(folder.path, 'clone', '--quiet', '--depth', '1', url, 'shallow');
    const shallow = join(folder.path, 'shallow');
    expect([await countOf(shallow), await fsck(shallow)]).toEqual([1, '']);
    await git(shallow, 'fetch', '--quiet', '--deepen', '2');
    expect([await depthOf(shallow), await fsck(shallow)]).toEqual([3, '']);
    await git(shallow, 'fetch', '--quiet', '--depth', '7');
    expect([await depthOf(shallow), await fsck(shallow)]).toEqual([7, '']);
    await git(shallow, 'fetch', '--quiet', '--unshallow');
    expect([await countOf(join(folder.path, 'shallow')), await fsck(shallow)]).toEqual([76, '']);
  });

  /** The longest way from the head along first parents that a shallow history allows, and no way is longer. */
  async function depthOf(directory: string): Promise<number> {
    const lines = (await git(directory, 'rev-list', '--parents', 'HEAD')).stdout.trim().split('\n');
    const parents = new Map(lines.map((line) => [line.slice(0, 40), line.split(' ').slice(1)]));
    let depth = 0;
    for (let level = lines.slice(0, 1).map((line) => line.slice(0, 40)); level.length > 0; depth++) {
      const next = new Set(level.flatMap((id) => parents.get(id) ?? []));
      for (const id of level) parents.delete(id);
      level = [...next].filter((id) => parents.has(id));
    }
    return depth;
  }

  it('gets all of it when it asks for a part by a filter, and is told so', async () => {
    const { stderr } = await git(folder.path, 'clone', '--filter=blob:none', '--no-checkout', url, 'filtered');
    const filtered = join(folder.path, 'filtered');
    expect(stderr).toContain('filtering not recognized by server');
    expect([await fsck(filtered), await countOf(filtered)]).toEqual(['', holders.bob.commitCount]);
  });

  it('is told that there is nothing else', async () => {
    const wrong = `${url.slice(0, -40)}${'0'.repeat(40)}`;
    await expect(git(folder.path, 'clone', wrong, 'wrong')).rejects.toThrow(`where ${conversation} is served`);
  });

  it('gets nothing in: the server only reads', async () => {
    const whole = join(folder.path, 'whole');
    await git(whole, 'commit', '--quiet', '--allow-empty', '-m', 'theirs');
    await expect(git(whole, 'push', url, 'HEAD:main')).rejects.toThrow('can only be read');
    expect((await git(folder.path, 'ls-remote', url, 'HEAD')).stdout).toContain(holders.bob.head);
  });
});

describeNeeding(stockGit, 'a stock git at a repository with branches and tags', () => {
  it('gets what leads to commits, annotated tags as well, and fetches what is new', async () => {
    using folder = temporaryFolder();
    const source = join(folder.path, 'source');
    await git(folder.path, 'init', '--quiet', '-b', 'main', 'source');
    const commit = (message: string) => git(source, 'commit', '--quiet', '--allow-empty', '-m', message);
    await commit('one');
    await commit('two');
    await git(source, 'tag', '-a', 'first', '-m', 'the first', 'HEAD~1');
    await git(source, 'tag', 'light');
    await git(source, 'checkout', '--quiet', '-b', 'beside', 'HEAD~1');
    await commit('beside');
    await git(source, 'checkout', '--quiet', 'main');
    const { server, url } = await serving(source);
    await using _ = server;
    await git(folder.path, 'clone', '--quiet', '--mirror', url, 'mirror');
    const mirror = join(folder.path, 'mirror');
    const refs = (await git(source, 'for-each-ref')).stdout;
    expect([await fsck(mirror), (await git(mirror, 'for-each-ref')).stdout]).toEqual(['', refs]);
    await commit('three');
    await git(source, 'tag', '-a', 'second', '-m', 'the second');
    await git(mirror, 'fetch', '--quiet', '--no-auto-gc');
    expect((await git(mirror, 'for-each-ref')).stdout).toBe((await git(source, 'for-each-ref')).stdout);
    expect(await fsck(mirror)).toBe('');
  });
});

describeNeeding(stockGit, 'clone', () => {
  it('takes a conversation over from a stock git daemon, and git finds nothing wrong with it', async () => {
    using folder = temporaryFolder();
    await git(folder.path, 'clone', '--quiet', '--bare', bundleOf('alice'), conversation);
    await using daemon = await stockDaemon(folder.path);
    const copy = join(folder.path, 'copy');
    const { code, stdout } = await runCli(['clone', `git://127.0.0.1:${daemon.port}/${conversation}`, copy, '--json']);
    const { head, commitCount } = holders.alice;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ conversation, head, commits: commitCount, directory: copy });
    expect([await fsck(copy), (await git(copy, 'status', '--porcelain', '-b')).stdout]).toEqual([
      '',
      '## main...origin/main\n',
    ]);
    await git(copy, 'fetch', '--quiet');
  });

  it('refuses a history that breaks a rule, names commit and rule, and leaves nothing behind', async () => {
    using folder = temporaryFolder();
    const forged = join(folder.path, 'forged');
    await git(folder.path, 'clone', '--quiet', bundleOf('bob'), 'forged');
    const author = `Mallory <${'ab'.repeat(32)}>`;
    await git(
      forged,
      'commit',
      '--quiet',
      '--allow-empty',
      '-m',
      '{"type":"text/plain","body":"x"}',
      '--author',
      author,
    );
    const { server, url } = await serving(forged);
    await using _ = server;
    const { code, stdout, stderr } = await runCli(['clone', url, join(folder.path, 'made', 'for', 'it')]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`commit ${await headOf(forged)} breaks rule`);
    expect(readdirSync(folder.path)).toEqual(['forged']);
  });
});

describeNeeding(stockGit, 'git-serve', () => {
  it('serves a conversation of a home by its id, and ends with 0 when told to stop', async () => {
    using folder = temporaryFolder();
    const home = join(folder.path, 'alice');
    cpSync(join(inject('homes'), 'joined', 'alice'), home, { recursive: true });
    const { server, url } = await serving(inject('conversation'), '--home', home);
    await git(folder.path, 'clone', '--quiet', '--bare', url, 'copy');
    expect(await fsck(join(folder.path, 'copy'))).toBe('');
    await server.kill('SIGTERM');
    expect((await server.ended()).code).toBe(0);
  });
});
