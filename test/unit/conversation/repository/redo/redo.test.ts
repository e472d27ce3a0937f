import { cp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSource } from '../../../../../src/conversation/repository/open-source-adapter.ts';
import {
  joinSigned,
  parseRedoEntries,
  REDO_HEADER_BYTES,
} from '../../../../../src/conversation/repository/redo/redo-entry.ts';
import type { GitObject, Repository } from '../../../../../src/conversation/repository/repository.ts';
import { createRepository, openRepository } from '../../../../../src/conversation/repository/repository-adapter.ts';
import { SyncError } from '../../../../../src/errors.ts';
import type { CommitId } from '../../../../../src/ids.ts';
import { REDO_BYTES, REDO_FIRST_BYTES, REDO_FLUSH_BYTES } from '../../../../../src/limits.ts';
import { temporaryDirectory } from '../../../../support/folders/temporary-directory.ts';
import { memoryObjects, writeCommit } from '../../../../support/git/git-objects.ts';
import { thrownBy } from '../../../../support/thrown.ts';
import { until } from '../../../../support/time/until.ts';

/** Appends a commit that is nowhere yet. */
async function appendTo(repository: Repository, from: CommitId, message: string): Promise<CommitId> {
  const made = memoryObjects();
  const to = await writeCommit(made, { parents: [from], message });
  const objects: readonly GitObject[] = [...made.all.values()];
  await repository.append(objects, { from, to });
  return to;
}

const readHead = async (directory: string) => (await readFile(join(directory, '.git', HEAD), 'latin1')).trimEnd();

/** What was appended comes into place by itself. */
const inPlace = (directory: string, head: CommitId) => until(async () => (await readHead(directory)) === head, 1);

/** A repository as a crash leaves it: with a first commit, and those appended that have not been flushed where they belong. */
async function crashedAfter(messages: readonly string[], first: { readonly message?: string } = {}) {
  const [living, directory] = [await temporaryDirectory(), await temporaryDirectory()];
  await using repository = await createRepository(living);
  const commits = [await writeCommit(repository, first)];
  await repository.moveHead({ from: undefined, to: commits[0] as CommitId });
  for (const message of messages) commits.push(await appendTo(repository, commits.at(-1) as CommitId, message));
  await inPlace(living, commits.at(-1) as CommitId);
  await cp(living, directory, { recursive: true });
  const inGit = (path: string) => join(directory, '.git', path);
  const pathOf = (id: CommitId) => inGit(`objects/${id.slice(0, 2)}/${id.slice(2)}`);
  return { directory, commits, inGit, pathOf };
}

const HEAD = 'refs/heads/main';
const REDO = 'swarmlog-redo';

it('shows what was appended at once, puts it into place soon, and keeps no file when it is closed', async () => {
  const directory = await temporaryDirectory();
  const repository = await createRepository(directory);
  const first = await writeCommit(repository, {});
  await repository.moveHead({ from: undefined, to: first });
  const head = await appendTo(repository, first, 'said');
  const git = (path: string) => join(directory, '.git', path);
  expect(await repository.head()).toBe(head);
  expect(await repository.refs()).toEqual([{ name: HEAD, id: head }]);
  expect((await repository.objects.read(head)).type).toBe('commit');
  await inPlace(directory, head);
  expect((await stat(git(REDO))).size).toBe(REDO_FIRST_BYTES);
  await repository[Symbol.asyncDispose]();
  await expect(stat(git(REDO))).rejects.toThrow('ENOENT');
});

it.each([
  ['the reference is empty', ''],
  ['the reference holds zeros', '\0'.repeat(41)],
  ['the reference is where it was', undefined],
])('does again what a power failure undid: %s, one commit is gone and one is empty', async (_, text) => {
  const { directory, commits, inGit, pathOf } = await crashedAfter(['one', 'two']);
  const [first, one, two] = commits as [CommitId, CommitId, CommitId];
  await writeFile(inGit(HEAD), text ?? `${first}\n`);
  await rm(pathOf(one));
  await rm(pathOf(two));
  await writeFile(pathOf(two), '');

  await using repository = await openRepository(directory);

  expect(await repository.head()).toBe(two);
  for (const id of [one, two]) expect((await repository.objects.read(id)).type).toBe('commit');
  await expect(stat(inGit(REDO))).rejects.toThrow('ENOENT');
  expect(await appendTo(repository, two, 'three')).toBe(await repository.head());
});

it('does nothing again once the head went elsewhere', async () => {
  const { directory, commits, inGit } = await crashedAfter(['one']);
  const redoFile = await readFile(inGit(REDO));
  const other = await (async () => {
    await using repository = await openRepository(directory);
    const id = await writeCommit(repository, { parents: [commits[0] as CommitId], message: 'of somebody else' });
    await repository.moveHead({ from: commits[1], to: id });
    return id;
  })();
  await writeFile(inGit(REDO), redoFile);

  await using repository = await openRepository(directory);

  expect(await repository.head()).toBe(other);
  await expect(stat(inGit(REDO))).rejects.toThrow('ENOENT');
});

it('believes no file that cannot be its own', async () => {
  const { directory, commits, inGit } = await crashedAfter(['one']);
  await writeFile(inGit(HEAD), `${commits[0]}\n`);
  await truncate(inGit(REDO), REDO_BYTES + 1);
  await using repository = await openRepository(directory);
  expect(await repository.head()).toBe(commits[0]);
});

it('does nothing of what the file of another repository says', async () => {
  const [ours, theirs] = [await crashedAfter(['one']), await crashedAfter(['two'], { message: 'of others' })];
  await cp(theirs.inGit(REDO), ours.inGit(REDO));
  await using repository = await openRepository(ours.directory);
  expect(await repository.head()).toBe(ours.commits[1]);
  await expect(stat(ours.inGit(REDO))).rejects.toThrow('ENOENT');
});

it.each([
  ['nothing', 0],
  ['less than the start of an entry', REDO_HEADER_BYTES - 1],
  ['a part of the first entry', REDO_HEADER_BYTES + 10],
])('goes as far as the file is whole: %s', async (_, length) => {
  const { directory, commits, inGit } = await crashedAfter(['one', 'two']);
  await writeFile(inGit(HEAD), `${commits[0]}\n`);
  await truncate(inGit(REDO), length);
  await using repository = await openRepository(directory);
  expect(await repository.head()).toBe(commits[0]);
});

it('does the first of two entries again when the second was cut short', async () => {
  const { directory, commits, inGit } = await crashedAfter(['one', 'two']);
  const [first, one] = commits as [CommitId, CommitId];
  const redoFile = await readFile(inGit(REDO));
  await writeFile(inGit(HEAD), `${first}\n`);
  await truncate(
    inGit(REDO),
    REDO_HEADER_BYTES + redoFile.readUInt32BE(REDO_HEADER_BYTES - 4) + REDO_HEADER_BYTES + 10,
  );
  await using repository = await openRepository(directory);
  expect(await repository.head()).toBe(one);
});

it('is left alone by those who only read, however the repository stands', async () => {
  const { directory, commits, inGit } = await crashedAfter(['one']);
  const redoFile = await readFile(inGit(REDO));
  await using source = await openSource(directory);
  expect(await source.head()).toBe(commits[1]);
  await writeFile(inGit(HEAD), '');
  await thrownBy('SOURCE_UNREADABLE', () => openSource(directory));
  expect(await readFile(inGit(REDO))).toEqual(redoFile);
});

it('does again what stands in a file that has grown', async () => {
  const long = 'x'.repeat(REDO_FIRST_BYTES);
  const { directory, commits, inGit, pathOf } = await crashedAfter(['short', long, 'short again']);
  expect((await stat(inGit(REDO))).size).toBe(2 * REDO_FIRST_BYTES);
  await writeFile(inGit(HEAD), `${commits[0]}\n`);
  for (const id of commits.slice(1)) await rm(pathOf(id));

  await using repository = await openRepository(directory);

  expect(await repository.head()).toBe(commits.at(-1));
  for (const id of commits) expect((await repository.objects.read(id)).type).toBe('commit');
});

it('goes on when the file is full, and takes what never fits in it', async () => {
  const directory = await temporaryDirectory();
  let head: CommitId;
  {
    await using repository = await createRepository(directory);
    head = await writeCommit(repository, {});
    await repository.moveHead({ from: undefined, to: head });
    for (const length of [REDO_BYTES / 2, REDO_BYTES / 2, 1, REDO_BYTES, 1])
      head = await appendTo(repository, head, 'x'.repeat(length));
  }
  await using repository = await openRepository(directory);
  expect(await repository.head()).toBe(head);
});

it('is flushed, and written over from its start, long before it is full', async () => {
  const directory = await temporaryDirectory();
  await using repository = await createRepository(directory);
  const first = await writeCommit(repository, {});
  await repository.moveHead({ from: undefined, to: first });
  const long = 'x'.repeat(REDO_FLUSH_BYTES);
  let head = await appendTo(repository, first, long);
  // Each of them has it flushed; if that takes longer than the pause, the file is full soon.
  await until(async () => {
    head = await appendTo(repository, head, long);
    const [entry] = parseRedoEntries(await readFile(join(directory, '.git', REDO)));
    return entry?.to === head;
  }, 300);
});

/** A commit that is nowhere yet, and how its bytes are without what stands for its signature here. */
async function unsignedOn(from: CommitId, message: string) {
  const made = memoryObjects();
  const to = await writeCommit(made, { parents: [from], message: `${message}, signed` });
  const objects: readonly GitObject[] = [...made.all.values()];
  const commit = objects.at(-1) as GitObject;
  const unsigned = {
    type: 'commit',
    bytes: Buffer.from(`${Buffer.from(commit.bytes)}`.replace(', signed', '')),
  } as const;
  return { to, commit, objects: [...objects.slice(0, -1), unsigned] };
}

const signAgain = async (unsigned: Uint8Array) =>
  Buffer.from(`${Buffer.from(unsigned).toString().trimEnd()}, signed\n`);

describe('what is appended while it is being signed', () => {
  /** A copy of the repository from the moment when its last commit was written down, and not signed yet. */
  async function crashedWhileSigning() {
    const { directory, commits } = await crashedAfter(['one']);
    const copy = await temporaryDirectory();
    await using repository = await openRepository(directory);
    const from = commits[1] as CommitId;
    const { to, commit, objects } = await unsignedOn(from, 'two');
    let sign = () => {};
    const signed = new Promise<{ to: CommitId; commit: GitObject }>((resolve) => {
      sign = () => resolve({ to, commit });
    });
    const appended = repository.appendUnsigned({ from, objects, signed });
    await until(
      async () => parseRedoEntries(await readFile(join(directory, '.git', REDO)).catch(() => Buffer.of())).length > 0,
    );
    await cp(directory, copy, { recursive: true });
    sign();
    await appended;
    expect(await repository.head()).toBe(to);
    return { copy, from, to };
  }

  it('stands in the file with its signature when the next one is appended', async () => {
    const { directory, commits, inGit } = await crashedAfter([]);
    const from = commits[0] as CommitId;
    const copy = await temporaryDirectory();
    {
      await using repository = await openRepository(directory);
      const { to, commit, objects } = await unsignedOn(from, 'one');
      await repository.appendUnsigned({ from, objects, signed: Promise.resolve({ to, commit }) });
      const three = await appendTo(repository, to, 'two');
      await inPlace(directory, three);
      await cp(directory, copy, { recursive: true });
      await writeFile(join(copy, '.git', HEAD), `${from}\n`);
      const { entries, unsigned } = joinSigned(parseRedoEntries(await readFile(inGit(REDO))));
      expect([entries.map((entry) => entry.to), unsigned]).toEqual([[to, three], undefined]);
    }
    await using again = await openRepository(copy);
    expect(await again.head()).not.toBe(from);
  });

  it('has room for its signature in a file that grows', async () => {
    const { directory, commits, inGit } = await crashedAfter([]);
    await using repository = await openRepository(directory);
    let head = commits[0] as CommitId;
    const heads: CommitId[] = [];
    for (const length of [REDO_FIRST_BYTES - 1000, REDO_FIRST_BYTES, 1]) {
      const { to, commit, objects } = await unsignedOn(head, 'x'.repeat(length));
      await repository.appendUnsigned({ from: head, objects, signed: Promise.resolve({ to, commit }) });
      head = to;
      heads.push(head);
    }
    const { entries, unsigned } = joinSigned(parseRedoEntries(await readFile(inGit(REDO))));
    expect(entries.map(({ to }) => to)).toEqual(heads.slice(0, -1));
    expect(unsigned?.from).toBe(heads.at(-2));
  });

  it('is signed again after a crash that came before its signature', async () => {
    const { copy, to } = await crashedWhileSigning();
    await using repository = await openRepository(copy, { signAgain });
    expect(await repository.head()).toBe(to);
    expect((await repository.objects.read(to)).type).toBe('commit');
  });

  it('keeps a repository shut to who cannot sign it', async () => {
    const { copy, to } = await crashedWhileSigning();
    await thrownBy('SOURCE_UNREADABLE', () => openRepository(copy));
    await using repository = await openRepository(copy, { signAgain });
    expect(await repository.head()).toBe(to);
  });

  it('is taken back when it cannot be signed', async () => {
    const { directory, commits } = await crashedAfter([]);
    const first = commits[0] as CommitId;
    await using repository = await openRepository(directory);
    const { objects } = await unsignedOn(first, 'never');
    const signed = Promise.reject(new SyncError('MALFORMED', { what: 'key', detail: 'none' }));
    signed.catch(() => {});
    await thrownBy('MALFORMED', () => repository.appendUnsigned({ from: first, objects, signed }));
    expect(parseRedoEntries(await readFile(join(directory, '.git', REDO)))).toEqual([]);
    const next = await appendTo(repository, first, 'next');
    expect(await repository.head()).toBe(next);
  });

  it('goes the long way when it does not fit', async () => {
    const { directory, commits } = await crashedAfter([]);
    const first = commits[0] as CommitId;
    await using repository = await openRepository(directory);
    const { to, commit, objects } = await unsignedOn(first, 'x'.repeat(REDO_BYTES));
    await repository.appendUnsigned({ from: first, objects, signed: Promise.resolve({ to, commit }) });
    expect(await readHead(directory)).toBe(to);
  });
});

it('takes back what it could not put into place', async () => {
  const { directory, commits, inGit } = await crashedAfter([]);
  const first = commits[0] as CommitId;
  await using repository = await openRepository(directory);
  await writeFile(inGit(`${HEAD}.lock`), '');
  await thrownBy('REF_CONFLICT', () => appendTo(repository, first, 'refused'));
  const copy = await temporaryDirectory();
  await cp(directory, copy, { recursive: true });
  await using again = await openRepository(copy);
  expect(await again.head()).toBe(first);
});
