import { describe, expect, it, onTestFinished } from 'vitest';
import { verifyHistory } from '../../../../src/conversation/judge/verify-history.ts';
import { loadLog } from '../../../../src/conversation/log/log-state.ts';
import type { Repository } from '../../../../src/conversation/repository/repository.ts';
import { openRepository } from '../../../../src/conversation/repository/repository-adapter.ts';
import { createCommitStore } from '../../../../src/conversation/write/commit-store.ts';
import { createConversation } from '../../../../src/conversation/write/create-conversation.ts';
import { judgePrepared } from '../../../../src/conversation/write/judge-prepared.ts';
import { type PreparedCommit, prepareCommit } from '../../../../src/conversation/write/prepare-commit.ts';
import { createWriter, type WriterParts } from '../../../../src/conversation/write/writer.ts';
import { SyncError } from '../../../../src/errors.ts';
import { encode } from '../../../../src/events/encode.ts';
import { COMMITS_GATHERED } from '../../../../src/limits.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';
import { TEST_NOW, testAccount, testRandom } from '../../../support/identity/accounts.ts';
import { thrownBy } from '../../../support/thrown.ts';
import { until } from '../../../support/time/until.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const { signal } = new AbortController();
const clock = createVirtualClock(TEST_NOW + 86_400_000);
const text = (body: string) => ({ kind: 'send-text', body }) as const;

/** A writer over a new group, whose repository a test may get between. */
async function writerOver(change: (repository: Repository) => Repository = (repository) => repository) {
  const keys = await testAccount('alice');
  const home = { directory: await temporaryDirectory(), keys, clock, random: testRandom };
  const founded = await createConversation(home, { mode: 'invites-only' });
  const { path } = founded.repository;
  await founded.close();
  const repository = await openRepository(path);
  onTestFinished(() => repository[Symbol.asyncDispose]());
  const log = await loadLog(repository, { signal });
  return { repository, log, keys, writer: createWriter({ repository: change(repository), log, keys, clock }) };
}

/** Turns away the next commit that is written once told to. */
function failing() {
  const disk = { isFull: false };
  function look(): void {
    if (!disk.isFull) return;
    disk.isFull = false;
    throw new SyncError('DISK_FULL', { path: 'objects' });
  }
  const over = (repository: Repository): Repository => ({
    ...repository,
    async append(objects, move) {
      look();
      return repository.append(objects, move);
    },
    async appendUnsigned(unsigned) {
      await unsigned.signed;
      look();
      return repository.appendUnsigned(unsigned);
    },
  });
  return { disk, over };
}

/** Signed messages, each on top of the one before. */
async function chainOf(bodies: readonly string[], { log, keys }: Pick<WriterParts, 'log' | 'keys'>) {
  const commits: PreparedCommit[] = [];
  for (const body of bodies) {
    const parents = [commits.at(-1)?.commit.id ?? log.head()];
    const message = encode({ kind: 'message-sent', body });
    const seconds = TEST_NOW / 1000 + 1000;
    commits.push(await prepareCommit(keys, { tree: log.tree(), edits: [], parents, seconds, message }));
  }
  return commits;
}

describe('a writer', () => {
  it('makes one chain of what is asked for at once, in the order it was asked for', async () => {
    const { writer, log, repository } = await writerOver();
    const first = log.head();
    const bodies = Array.from({ length: 8 }, (_, place) => `message ${place}`);

    const written = await Promise.all(bodies.map((body) => writer.append(text(body))));

    expect(written.map(({ parents }) => parents)).toEqual(
      [first, ...written.slice(0, -1).map(({ id }) => id)].map((id) => [id]),
    );
    expect(written.map(({ content }) => content)).toEqual(
      bodies.map((body) => expect.objectContaining({ event: { kind: 'message-sent', body } })),
    );
    expect(await repository.head()).toBe(written.at(-1)?.id);
    expect(await verifyHistory(repository, { signal })).toMatchObject({ valid: true, commits: 9 });
  });

  it('takes the next decision on the files that the commit before it changes', async () => {
    const { writer } = await writerOver();
    const uri = (await testAccount('bob')).account;

    const asked = ['first', 'second'].map(() => writer.append({ kind: 'invite-member', uri }));

    expect(await Promise.allSettled(asked)).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'REFUSED' } },
    ]);
  });

  it('goes on behind one that is refused', async () => {
    const { writer, log } = await writerOver();
    const first = log.head();

    const asked = ['one', '', 'two', '', 'three'].map((body) => writer.append(text(body)));

    const outcomes = await Promise.allSettled(asked);
    const [one, empty, two, alsoEmpty, three] = outcomes;
    for (const refused of [empty, alsoEmpty]) expect(refused).toMatchObject({ reason: { code: 'REFUSED' } });
    const stored = [one, two, three].map((outcome) => (outcome?.status === 'fulfilled' ? outcome.value : undefined));
    expect(stored.map((said) => said?.parents)).toEqual([[first], [stored[0]?.id], [stored[1]?.id]]);
  });

  it('decides behind a task what was asked for behind it', async () => {
    const { writer } = await writerOver();
    const events: string[] = [];
    const told = {
      kind: 'send-text',
      get body() {
        events.push('decided');
        return 'two';
      },
    } as const;

    const one = writer.append(text('one'));
    const task = writer.run(async () => void events.push('task'));
    const two = writer.append(told);
    await Promise.all([one, task, two]);

    expect(events).toContain('task');
    expect(events.at(-1)).toBe('decided');
  });

  it('fails what was signed on top of a commit that could not be stored, for the same reason, and then goes on', async () => {
    const { disk, over } = failing();
    const { writer, log, repository } = await writerOver(over);
    const kept = await writer.append(text('kept'));

    disk.isFull = true;
    const asked = await Promise.allSettled(['lost', 'with it'].map((body) => writer.append(text(body))));
    expect(asked).toMatchObject([
      { status: 'rejected', reason: { code: 'DISK_FULL' } },
      { status: 'rejected', reason: { code: 'DISK_FULL' } },
    ]);
    expect([log.head(), await repository.head()]).toEqual([kept.id, kept.id]);

    const next = await writer.append(text('next'));
    expect(next.parents).toEqual([kept.id]);
    expect(await verifyHistory(repository, { signal })).toMatchObject({ valid: true, commits: 3 });
  });

  it('appends one that stands alone while it is being signed, and nothing of it when it cannot be signed', async () => {
    const { repository, log, keys } = await writerOver();
    const signer = { isBroken: false };
    const seen: string[] = [];
    const watched: Repository = {
      ...repository,
      async appendUnsigned(unsigned) {
        seen.push('begun');
        await repository.appendUnsigned(unsigned);
      },
    };
    const sign: typeof keys.sign = async (bytes) => {
      await until(() => seen.length > 0);
      seen.push('signed');
      if (signer.isBroken) throw new SyncError('MALFORMED', { what: 'key', detail: 'none' });
      return keys.sign(bytes);
    };
    const writer = createWriter({ repository: watched, log, keys: { ...keys, sign }, clock });
    const said = await writer.append(text('said'));
    expect(seen).toEqual(['begun', 'signed']);

    signer.isBroken = true;
    await thrownBy('MALFORMED', () => writer.append(text('never')));
    expect([log.head(), await repository.head()]).toEqual([said.id, said.id]);

    signer.isBroken = false;
    expect((await writer.append(text('again'))).parents).toEqual([said.id]);
    expect(await verifyHistory(repository, { signal })).toMatchObject({ valid: true, commits: 3 });
  });

  it('writes nothing of a commit in which a flaw was found while it was being signed', async () => {
    const { log, repository, keys } = await writerOver();
    const head = log.head();
    const [prepared] = await chainOf(['broken'], { log, keys });
    if (!prepared) throw new TypeError('no commit');
    const verdict = await judgePrepared({ ...log, objects: repository.objects }, prepared);
    const judged = Promise.resolve({ ...verdict, flaws: [{ rule: 'R49', message: 'made up' } as const] });
    const store = createCommitStore({ repository, log });
    const { data } = await thrownBy('REFUSED', () => store.store({ ...prepared, judged }));
    expect(data).toEqual({ reason: 'R49', detail: 'made up' });
    expect([log.head(), await repository.head()]).toEqual([head, head]);
  });

  it('moves the head once for all that came while the commit before was being stored', async () => {
    const moved: (string | undefined)[] = [];
    const { log, repository, keys } = await writerOver();
    const watched: Repository = {
      ...repository,
      async append(objects, move) {
        await repository.append(objects, move);
        moved.push(move.to);
      },
    };
    const store = createCommitStore({ repository: watched, log });
    const commits = await chainOf(['one', 'two', 'three'], { log, keys });

    const stored = await Promise.all(commits.map((prepared) => store.store(prepared)));

    const ids = commits.map(({ commit }) => commit.id);
    expect(stored.map(({ id }) => id)).toEqual(ids);
    expect(moved).toEqual([ids[0], ids[2]]);
    expect(await verifyHistory(repository, { signal })).toMatchObject({ valid: true, commits: 4 });
  });

  it('lets commits gather while more are being signed, but not too many', async () => {
    const { log, repository, keys } = await writerOver();
    const bodies = Array.from({ length: COMMITS_GATHERED + 1 }, (_, place) => `message ${place}`);
    const commits = await chainOf(bodies, { log, keys });
    const [gathered, last] = [commits.slice(0, -1), commits.slice(-1)];
    let isMoreComing = true;
    const store = createCommitStore({ repository, log, isMoreComing: () => isMoreComing });

    await Promise.all(gathered.map(store.store));
    expect(await repository.head()).toBe(gathered.at(-1)?.commit.id);

    const stored = last.map(store.store);
    expect(log.head(), 'it waits for the one that is being signed').toBe(gathered.at(-1)?.commit.id);
    isMoreComing = false;
    store.look();
    await Promise.all(stored);
    expect(await repository.head()).toBe(last[0]?.commit.id);
  });

  it('tells of a change of members at once, while the work tree still shows the files of before', async () => {
    const uri = (await testAccount('bob')).account;
    const { log, repository, writer } = await writerOver((repository) => ({
      ...repository,
      // Whoever is told later than this is never told.
      checkOut: () => new Promise(() => {}),
    }));
    const role = () => log.membership().members.get(uri)?.role;

    const told = new Promise((resolve) => log.onFilesChanged(() => resolve([log.head(), role()])));
    void writer.append({ kind: 'invite-member', uri });

    expect(await told).toEqual([await repository.head(), 'invited']);
  });

  it('lets a task run only while nothing is being written', async () => {
    const { writer, log, repository } = await writerOver();
    const asked = [writer.append(text('one')), writer.append(text('two'))];

    const seen = await writer.run(async () => ({ inMemory: log.head(), onDisk: await repository.head() }));

    const [, second] = await Promise.all(asked);
    expect(seen).toEqual({ inMemory: second?.id, onDisk: second?.id });
  });

  it('does not let a task that fails stand in the way of the next', async () => {
    const { writer } = await writerOver();
    await expect(writer.run(() => Promise.reject(new SyncError('CANCELLED', { what: 'A task' })))).rejects.toThrow();
    expect((await writer.append(text('still here'))).content).toMatchObject({ outcome: 'known' });
  });
});
