/** Our end of git's wire and the git of the machine, face to face. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { walkMissing } from '../../src/conversation/repository/missing-commits.ts';
import type { Repository } from '../../src/conversation/repository/repository.ts';
import { createRepository } from '../../src/conversation/repository/repository-adapter.ts';
import { fetchPack } from '../../src/conversation/sync/fetch-upload-pack.ts';
import { serveUploadPack } from '../../src/conversation/sync/serve-upload-pack.ts';
import { nodeClock } from '../../src/engine/node-ports-adapter.ts';
import { type CommitId, ConversationId } from '../../src/ids.ts';
import { temporaryDirectory } from '../support/folders/temporary-directory.ts';
import { bridgeGitDaemon, bridgeTcp } from '../support/git/git-bridge.ts';
import { writeCommit, writeHistory } from '../support/git/git-objects.ts';
import { fsck, git } from '../support/git/stock-git.ts';
import { describeNeeding, stockGit } from '../support/runner/needs.ts';
import { thrownBy } from '../support/thrown.ts';
import { patience } from '../support/time/patience.ts';

const NO_CONVERSATION = ConversationId.parse('0'.repeat(40));

async function ownRepository(directory: string): Promise<Repository> {
  const repository = await createRepository(directory);
  onTestFinished(() => repository[Symbol.asyncDispose]());
  return repository;
}

/** A port where a stock git finds the conversation. */
async function servedAt(repository: Repository, conversation: ConversationId): Promise<string> {
  const bridge = await bridgeTcp((channel) =>
    serveUploadPack(repository, channel, { conversation, clock: nodeClock, signal: patience() }),
  );
  onTestFinished(() => bridge[Symbol.asyncDispose]());
  return `git://127.0.0.1:${bridge.port}/${conversation}`;
}

async function moveTo(repository: Repository, to: CommitId | undefined): Promise<void> {
  if (to !== undefined) await repository.moveHead({ from: await repository.head(), to });
}

describeNeeding(stockGit, 'stock git against our server', () => {
  it('clones a conversation', async () => {
    const directory = await temporaryDirectory();
    const repository = await ownRepository(join(directory, 'ours'));
    const history = await writeHistory(repository, 40);
    await moveTo(repository, history.at(-1));
    const url = await servedAt(repository, NO_CONVERSATION);
    await git(directory, 'clone', '--quiet', url, 'theirs');
    const theirs = join(directory, 'theirs');
    expect(await fsck(theirs)).toBe('');
    expect((await git(theirs, 'rev-parse', 'HEAD')).stdout.trim()).toBe(history.at(-1));
    expect((await git(theirs, 'symbolic-ref', 'HEAD')).stdout.trim()).toBe('refs/heads/main');
    expect((await git(theirs, 'rev-list', '--count', 'HEAD')).stdout.trim()).toBe('40');
  });

  it('gets deltas as they lie in our packs', async () => {
    const directory = await temporaryDirectory();
    const repository = await ownRepository(join(directory, 'ours'));
    const long = Array.from({ length: 500 }, (_, i) => `line ${i}`).join('\n');
    let last: CommitId | undefined;
    for (let i = 0; i < 4; i++) {
      const parents = last === undefined ? [] : [last];
      last = await writeCommit(repository, { parents, files: { long: `${long}\n${i}` }, at: 1_700_000_000 + i });
    }
    await moveTo(repository, last);
    await git(repository.path, 'repack', '--quiet', '-a', '-d');
    const url = await servedAt(repository, NO_CONVERSATION);
    await git(directory, 'clone', '--quiet', '--bare', url, 'theirs');
    const theirs = join(directory, 'theirs');
    const packs = (await readdir(join(theirs, 'objects/pack'))).filter((name) => name.endsWith('.idx'));
    const listed = await git(join(theirs, 'objects/pack'), 'verify-pack', '--verbose', ...packs);
    expect([await fsck(theirs), listed.stdout]).toEqual(['', expect.stringContaining('chain length = ')]);
  });

  it('says that it cloned an empty repository when there is no commit yet', async () => {
    const directory = await temporaryDirectory();
    const url = await servedAt(await ownRepository(join(directory, 'ours')), NO_CONVERSATION);
    const { stderr } = await git(directory, 'clone', url, 'theirs');
    expect(stderr).toContain('empty repository');
  });

  it('fetches no more than what is new', async () => {
    const directory = await temporaryDirectory();
    const repository = await ownRepository(join(directory, 'ours'));
    const history = await writeHistory(repository, 300);
    await moveTo(repository, history.at(-1));
    const url = await servedAt(repository, NO_CONVERSATION);
    await git(directory, 'clone', '--quiet', '--bare', url, 'theirs');
    const theirs = join(directory, 'theirs');
    const files = { counter: '299 of 300 after nothing', members: { 'member-5': 'key 5' }, new: 'a new file' };
    const next = await writeCommit(repository, { parents: [await headOf(repository)], files, at: 1_700_001_000 });
    await moveTo(repository, next);
    await git(theirs, 'fetch', '--quiet', '--no-auto-gc', url, 'main:main');
    // The commit, its root tree and one file; everything else is in the trees that they have.
    expect((await git(theirs, 'count-objects')).stdout).toMatch(/^3 objects/);
    expect((await git(theirs, 'rev-parse', 'main')).stdout.trim()).toBe(next);
    expect(await fsck(theirs)).toBe('');
  });

  it('finds what is common through many rounds when the histories have parted', async () => {
    const directory = await temporaryDirectory();
    const repository = await ownRepository(join(directory, 'ours'));
    const shared = await writeHistory(repository, 50);
    await moveTo(repository, shared.at(-1));
    const url = await servedAt(repository, NO_CONVERSATION);
    await git(directory, 'clone', '--quiet', url, 'theirs');
    const theirs = join(directory, 'theirs');
    for (let i = 0; i < 40; i++) await git(theirs, 'commit', '--quiet', '--allow-empty', '-m', `theirs ${i}`);
    await moveTo(repository, (await writeHistory(repository, 30, shared.at(-1))).at(-1));
    await git(theirs, 'fetch', '--quiet', 'origin');
    expect((await git(theirs, 'rev-parse', 'origin/main')).stdout.trim()).toBe(await repository.head());
    expect((await git(theirs, 'merge-base', 'main', 'origin/main')).stdout.trim()).toBe(shared.at(-1));
    expect(await fsck(theirs)).toBe('');
  });

  it('is told when it asks for another conversation', async () => {
    const directory = await temporaryDirectory();
    const repository = await ownRepository(join(directory, 'ours'));
    await moveTo(repository, (await writeHistory(repository, 1)).at(-1));
    const url = await servedAt(repository, NO_CONVERSATION);
    await expect(git(directory, 'clone', `${url.slice(0, -1)}1`, 'theirs')).rejects.toThrow('is served');
  });
});

async function headOf(repository: Repository): Promise<CommitId> {
  const head = await repository.head();
  if (head === undefined) throw new TypeError('no head');
  return head;
}

describeNeeding(stockGit, 'our client against stock git', () => {
  async function fetchFrom(directory: string, conversation: ConversationId, into: Repository) {
    const bridge = bridgeGitDaemon(directory);
    const signal = patience();
    try {
      const { head, pack } = await fetchPack(bridge.channel, {
        request: { path: `/${conversation}`, host: 'device' },
        has: into.objects.has,
        haves: await newestFirst(into),
        clock: nodeClock,
        signal,
      });
      if (head === undefined || !pack) return { head, count: 0 };
      const staged = await into.stagePack(pack, { signal });
      await staged.keep();
      await into.moveHead({ from: await into.head(), to: head });
      return { head, count: staged.commitIds.length };
    } finally {
      await bridge[Symbol.asyncDispose]();
    }
  }

  async function newestFirst(repository: Repository): Promise<CommitId[]> {
    const head = await repository.head();
    if (head === undefined) return [];
    return (await walkMissing(repository.objects, { wants: [head], haves: [] })).missing.map(({ id }) => id);
  }

  it('clones, then fetches a thin pack of what is new, and is told that nothing is', async () => {
    const directory = await temporaryDirectory();
    const theirs = join(directory, NO_CONVERSATION);
    await mkdir(theirs);
    await git(theirs, 'init', '--quiet', '-b', 'main');
    const long = Array.from({ length: 2000 }, (_, i) => `line ${i}`).join('\n');
    const write = async (text: string, message: string) => {
      await writeFile(join(theirs, 'file'), text);
      await git(theirs, 'add', '.');
      await git(theirs, 'commit', '--quiet', '-m', message);
    };
    for (let i = 0; i < 5; i++) await write(`${long}\n${i}`, `commit ${i}`);
    await git(theirs, 'gc', '--quiet');

    const ours = await ownRepository(join(directory, 'ours'));
    expect(await fetchFrom(directory, NO_CONVERSATION, ours)).toMatchObject({ count: 5 });
    expect(await fsck(ours.path)).toBe('');

    await write(`${long}\nthe end`, 'the last one');
    expect(await fetchFrom(directory, NO_CONVERSATION, ours)).toMatchObject({ count: 1 });
    expect(await fsck(ours.path)).toBe('');
    expect(await fetchFrom(directory, NO_CONVERSATION, ours)).toMatchObject({ count: 0 });
    expect((await git(ours.path, 'verify-pack', ...(await packsOf(ours)))).stdout).toBe('');
  });

  it('finds the branch among thousands of packed references', async () => {
    const directory = await temporaryDirectory();
    const source = await ownRepository(join(directory, 'source'));
    await moveTo(source, (await writeHistory(source, 3)).at(-1));
    const theirs = join(directory, NO_CONVERSATION);
    await git(directory, 'clone', '--quiet', '--bare', source.path, theirs);
    const id = await headOf(source);
    const packed = Array.from({ length: 3000 }, (_, i) => `${id} refs/tags/t${String(i).padStart(4, '0')}\n`).join('');
    const header = '# pack-refs with: peeled fully-peeled sorted \n';
    await writeFile(join(theirs, 'packed-refs'), `${header}${id} refs/heads/main\n${packed}`);
    await rm(join(theirs, 'refs/heads/main'), { force: true });
    const ours = await ownRepository(join(directory, 'ours'));
    expect(await fetchFrom(directory, NO_CONVERSATION, ours)).toEqual({ head: id, count: 3 });
  });

  it('is told of a repository without a commit, of one that is a shallow clone itself, and of none', async () => {
    const directory = await temporaryDirectory();
    const [empty, shallow, none] = ['e', 'f', 'd'].map((digit) => ConversationId.parse(digit.repeat(40)));
    if (!empty || !shallow || !none) throw new TypeError('three were asked for');
    const source = await ownRepository(join(directory, 'source'));
    await moveTo(source, (await writeHistory(source, 3)).at(-1));
    await git(directory, 'init', '--quiet', '--bare', empty);
    await git(directory, 'clone', '--quiet', '--bare', '--depth', '1', `file://${source.path}`, shallow);
    const ours = await ownRepository(join(directory, 'ours'));
    expect(await fetchFrom(directory, empty, ours)).toEqual({ head: undefined, count: 0 });
    const refusal = (id: ConversationId) => thrownBy('GIT_REFUSED', () => fetchFrom(directory, id, ours));
    expect((await refusal(shallow)).message).toContain('it is a shallow clone itself');
    expect((await refusal(none)).message).toContain('repository not exported');
    expect([await ours.head(), await fsck(ours.path)]).toEqual([undefined, '']);
  });

  async function packsOf(repository: Repository): Promise<string[]> {
    const directory = join(repository.path, '.git/objects/pack');
    return (await readdir(directory)).filter((name) => name.endsWith('.idx')).map((name) => join(directory, name));
  }

  it('finds what is common when our history has gone its own way for long', async () => {
    const directory = await temporaryDirectory();
    const theirs = join(directory, NO_CONVERSATION);
    const source = await ownRepository(join(directory, 'source'));
    const shared = await writeHistory(source, 20);
    await moveTo(source, shared.at(-1));
    await git(directory, 'clone', '--quiet', source.path, theirs);
    await git(theirs, 'commit', '--quiet', '--allow-empty', '-m', 'theirs');
    await moveTo(source, (await writeHistory(source, 200, shared.at(-1))).at(-1));
    expect(await fetchFrom(directory, NO_CONVERSATION, source)).toMatchObject({ count: 1 });
  });
});
