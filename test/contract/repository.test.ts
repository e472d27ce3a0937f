import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openSource } from '../../src/conversation/repository/open-source-adapter.ts';
import { createRepository } from '../../src/conversation/repository/repository-adapter.ts';
import { CommitId } from '../../src/ids.ts';
import { createStoredObjects, simulatedRepository } from '../simulator/repository.ts';
import { temporaryDirectory } from '../support/folders/temporary-directory.ts';
import { reachableFrom, writeHistory } from '../support/git/git-objects.ts';
import { git } from '../support/git/stock-git.ts';
import { describeNeeding, stockGit } from '../support/runner/needs.ts';
import { describeRepository, describeRepositoryReader, type ReaderFixture } from './repository.contract.ts';

async function founded(): Promise<Awaited<ReturnType<typeof createRepository>>> {
  const repository = await createRepository(join(await temporaryDirectory(), 'conversation'));
  onTestFinished(() => repository[Symbol.asyncDispose]());
  return repository;
}

describeRepository('the repository on disk', founded);

describeRepository('the repository of the simulator', async () => {
  const flush = async <Result>(change: () => Result) => change();
  return simulatedRepository(createStoredObjects(), { flush, onHead: () => {} });
});

describeRepositoryReader('our own repository', async () => {
  const reader = await founded();
  const head = (await writeHistory(reader, 10)).at(-1);
  if (head === undefined) throw new TypeError('no history');
  await reader.moveHead({ from: undefined, to: head });
  return { reader, head, objects: (await reachableFrom(reader.objects, head)).size };
});

async function opened(path: string, expected: { head: string; objects: number }): Promise<ReaderFixture> {
  const reader = await openSource(path);
  onTestFinished(() => reader[Symbol.asyncDispose]());
  return { reader, head: CommitId.parse(expected.head), objects: expected.objects };
}

describeRepositoryReader('a bundle that the Jami daemon filled', () =>
  opened('fixtures/jami/one-to-one/bob.bundle', { head: 'feb58a24cd901334d01fa195ae30511538e65628', objects: 91 }),
);

describeRepositoryReader('the bundle of the vectors', () =>
  opened('fixtures/vectors/sample.bundle', { head: 'b799dbbef1de79f1f19d17677e6219eb4f7472b4', objects: 13 }),
);

/** 12 commits with a long file that changes a little each time, so that git makes deltas of it. */
async function madeByGit(): Promise<{ directory: string; head: string }> {
  const directory = join(await temporaryDirectory(), 'theirs');
  await mkdir(directory);
  await git(directory, 'init', '--quiet', '-b', 'main');
  const long = Array.from({ length: 500 }, (_, line) => `line ${line}`).join('\n');
  for (let commit = 0; commit < 12; commit++) {
    await writeFile(join(directory, 'file'), `${long}\n${commit}`);
    await git(directory, 'add', 'file');
    await git(directory, 'commit', '--quiet', '-m', `commit ${commit}`);
  }
  return { directory, head: (await git(directory, 'rev-parse', 'HEAD')).stdout.trim() };
}

const OBJECTS = 36;

describeNeeding(stockGit, 'made by stock git', () => {
  describeRepositoryReader('a work tree with loose objects', async () => {
    const { directory, head } = await madeByGit();
    return opened(directory, { head, objects: OBJECTS });
  });

  describeRepositoryReader('a git directory after gc, with deltas and packed references', async () => {
    const { directory, head } = await madeByGit();
    await git(directory, 'gc', '--quiet');
    return opened(join(directory, '.git'), { head, objects: OBJECTS });
  });

  describeRepositoryReader('a repository that was repacked while it was open', async () => {
    const { directory, head } = await madeByGit();
    const fixture = await opened(directory, { head, objects: OBJECTS });
    await git(directory, 'gc', '--quiet', '--prune=now');
    return fixture;
  });

  describeRepositoryReader('a bare repository with id-deltas', async () => {
    const { directory, head } = await madeByGit();
    await git(directory, 'clone', '--quiet', '--bare', directory, 'bare');
    await rm(join(directory, 'bare', 'objects', 'info'), { recursive: true });
    await git(join(directory, 'bare'), '-c', 'repack.usedeltabaseoffset=false', 'repack', '-a', '-d', '-f', '--quiet');
    return opened(join(directory, 'bare'), { head, objects: OBJECTS });
  });

  describeRepositoryReader('a bundle with deltas', async () => {
    const { directory, head } = await madeByGit();
    await git(directory, 'bundle', 'create', '--quiet', 'all.bundle', '--all');
    return opened(join(directory, 'all.bundle'), { head, objects: OBJECTS });
  });

  describeRepositoryReader('a bundle of version 3', async () => {
    const { directory, head } = await madeByGit();
    await git(directory, 'bundle', 'create', '--quiet', '--version=3', 'all.bundle', 'main');
    return opened(join(directory, 'all.bundle'), { head, objects: OBJECTS });
  });
});
