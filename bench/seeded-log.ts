import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { create } from '../src/conversation/decisions/create.ts';
import { objectIdOf } from '../src/conversation/repository/objects/object-id.ts';
import { packObjects } from '../src/conversation/repository/packs/pack-writer.ts';
import { type PreparedCommit, prepareCommit } from '../src/conversation/write/prepare-commit.ts';
import { selfOf } from '../src/conversation/write/self.ts';
import { encode, encodeMerge } from '../src/events/encode.ts';
import type { DeviceKeys } from '../src/identity/identity.ts';
import type { CommitId, ObjectId } from '../src/ids.ts';
import { memoryObjects } from '../test/support/git/git-objects.ts';
import { TEST_NOW, testAccount } from '../test/support/identity/accounts.ts';
import { eventAt } from './seeded-events.ts';

/** Part of the file's name: a log of another version of this file is not used. */
const VERSION = 1;
/** After so many commits two are made side by side and merged. */
const MERGE_EVERY = 50;

/**
 * The path of a git bundle with a conversation of `count` commits, all by one device with an RSA-4096 key.
 * Making one takes as long as signing does, so it is kept.
 */
export async function seededLog(folder: string, count: number): Promise<string> {
  const path = join(folder, `log-${count}-v${VERSION}.bundle`);
  if (existsSync(path)) return path;
  await mkdir(folder, { recursive: true });
  const half = `${path}.half`;
  await pipeline(Readable.from(bundleOf(count)), createWriteStream(half));
  await rename(half, path);
  return path;
}

async function* bundleOf(count: number): AsyncGenerator<Uint8Array> {
  const sink = memoryObjects();
  let head: CommitId | undefined;
  for await (const { commit, objects } of commitsOf(count)) {
    for (const { type, bytes } of objects) await sink.write(type, bytes);
    head = commit.id;
  }
  yield Buffer.from(`# v2 git bundle\n${head} refs/heads/main\n\n`);
  yield* packObjects(sink, newestFirst(sink.all));
}

/** Commits first, as git packs them: a walk then reads the pack from its beginning. */
function newestFirst(all: ReadonlyMap<string, { readonly type: string; readonly bytes: Uint8Array }>) {
  const ids = [...all.values()].reverse().map(({ type, bytes }) => ({ type, id: idOf(type, bytes) }));
  return [...ids.filter(({ type }) => type === 'commit'), ...ids.filter(({ type }) => type !== 'commit')].map(
    ({ id }) => id,
  );
}

function idOf(type: string, bytes: Uint8Array): ObjectId {
  return objectIdOf(type === 'commit' || type === 'tree' ? type : 'blob', bytes);
}

async function* commitsOf(count: number): AsyncGenerator<PreparedCommit> {
  const keys = await testAccount('bench', { bits: 4096 });
  const decision = create(selfOf(keys), { mode: 'invites-only' });
  if ('refused' in decision) throw new Error(decision.detail);
  let seconds = TEST_NOW / 1000 + 1000;
  let last = await prepareCommit(keys, {
    ...{ tree: undefined, edits: decision.edits, parents: [], seconds, message: encode(decision.event) },
  });
  yield last;
  for (let made = 1; made < count; made++) {
    seconds += 1;
    const fork = last;
    last = await say(keys, fork, { seconds, message: encode(eventAt(made)) });
    yield last;
    if (made % MERGE_EVERY !== 0 || made + 2 >= count) continue;
    const beside = await say(keys, fork, { seconds, message: encode(eventAt(made + 1)) });
    yield beside;
    const merge = { ...said(last, { seconds, message: encodeMerge(beside.commit.id) }) };
    last = await prepareCommit(keys, { ...merge, parents: [last.commit.id, beside.commit.id] });
    yield last;
    made += 2;
  }
}

interface Words {
  readonly seconds: number;
  readonly message: string;
}

function say(keys: DeviceKeys, on: PreparedCommit, words: Words): Promise<PreparedCommit> {
  return prepareCommit(keys, said(on, words));
}

function said({ tree, commit }: PreparedCommit, words: Words) {
  return { tree, edits: [], parents: [commit.id], ...words };
}
