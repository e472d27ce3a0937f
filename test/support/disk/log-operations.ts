/** What a device does with its logs, each as an operation that can be stopped anywhere. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloneConversation } from '../../../src/conversation/clone/clone-conversation.ts';
import type { Conversation } from '../../../src/conversation/conversation.ts';
import { clonePath, removeUnfinished } from '../../../src/conversation/conversation-directory-adapter.ts';
import { openConversation } from '../../../src/conversation/open-conversation.ts';
import { repack } from '../../../src/conversation/repository/housekeeping/repack-adapter.ts';
import { createConversation } from '../../../src/conversation/write/create-conversation.ts';
import type { DeviceKeys } from '../../../src/identity/identity.ts';
import { type CommitId, ConversationId } from '../../../src/ids.ts';
import { REDO_FIRST_BYTES } from '../../../src/limits.ts';
import { TEST_NOW, testAccount, testRandom } from '../identity/accounts.ts';
import { channelPair } from '../net/channel-pair.ts';
import { createVirtualClock } from '../time/virtual-clock.ts';
import { checkLogs } from './check-logs.ts';
import type { DiskOperation, OperationStage } from './disk-operation.ts';

const { signal } = new AbortController();
const clock = createVirtualClock(TEST_NOW + 86_400_000);

/** A group of Alice and Bob, in which both have gone on by themselves; Carol is not in it yet. */
export interface LogStage {
  readonly alice: DeviceKeys;
  readonly bob: DeviceKeys;
  readonly carol: DeviceKeys;
  /** Alice's conversations, to be copied. */
  readonly ours: string;
  /** The same, as a process that was killed has left them: with a redo file. */
  readonly killed: string;
  /** Alice's head. */
  readonly head: CommitId;
  /** Bob's, open. */
  readonly theirs: Conversation;
}

export async function makeLogStage(folder: string): Promise<LogStage> {
  const [alice, bob, carol] = await Promise.all([testAccount('alice'), testAccount('bob'), testAccount('carol')]);
  const [ours, bobs] = [join(folder, 'alice'), join(folder, 'bob')];
  for (const path of [ours, bobs]) mkdirSync(path);
  await using founded = await createConversation(homeOf(ours, alice), { mode: 'invites-only' });
  await founded.append({ kind: 'invite-member', uri: bob.account });
  const theirs = await cloneFrom(founded, { directory: bobs, keys: bob });
  await theirs.append({ kind: 'join-conversation' });
  await theirs.append({ kind: 'send-text', body: 'of Bob' });
  await founded.append({ kind: 'send-text', body: 'of Alice' });
  // While nothing is on its way into place, so that nothing goes away that is being copied.
  await founded.repository.checkOut();
  const killed = join(folder, 'killed');
  cpSync(ours, killed, { recursive: true });
  return { alice, bob, carol, ours, killed, head: founded.head(), theirs };
}

const homeOf = (directory: string, keys: DeviceKeys) => ({ directory, keys, clock, random: testRandom });

async function withServer<Result>(
  server: Conversation,
  use: (channel: ReturnType<typeof channelPair>['left']) => Promise<Result>,
): Promise<Result> {
  const pair = channelPair('git');
  const served = server.serve(pair.right, { signal });
  served.catch(() => undefined);
  try {
    const result = await use(pair.left);
    await pair.left.end({ signal });
    await served;
    return result;
  } finally {
    await pair[Symbol.asyncDispose]();
  }
}

function cloneFrom(server: Conversation, to: { directory: string; keys: DeviceKeys }): Promise<Conversation> {
  return withServer(server, (channel) => cloneConversation({ ...to, id: server.id, clock, channel, signal }));
}

const say = async (conversation: Conversation, body: string) =>
  (await conversation.append({ kind: 'send-text', body })).id;

/** As `Promise.all`, with all of them over when it is. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(work);
  await Promise.all(work);
}

/** Something done in Alice's conversation. */
function onAlice(
  { ours, alice, theirs: { id } }: LogStage,
  run: (conversation: Conversation, stage: OperationStage) => Promise<void>,
): DiskOperation {
  return {
    prepare: (directory) => cpSync(ours, directory, { recursive: true }),
    async run(directory, stage) {
      await using conversation = await openConversation({ directory, id, keys: alice, clock });
      await run(conversation, stage);
    },
    check: (directory, promised) => checkLogs(directory, { keys: alice, promised }),
  };
}

/** Something done where there is no conversation yet. */
function onNothing(keys: DeviceKeys, run: DiskOperation['run']): DiskOperation {
  return {
    prepare: (directory) => void mkdirSync(directory),
    run,
    check: (directory, promised) => checkLogs(directory, { keys, promised }),
  };
}

/** Locks, temporary files, a pack on its way in, a work tree half done, and beginnings of two other conversations. */
function leaveUnfinished({ ours, theirs }: LogStage, directory: string): void {
  cpSync(ours, directory, { recursive: true });
  const gitDirectory = join(directory, theirs.id, '.git');
  for (const folder of [
    join(gitDirectory, 'objects/incoming-1234'),
    join(directory, '1234'),
    clonePath(directory, OTHER),
  ])
    mkdirSync(folder);
  for (const name of [
    'index.lock',
    'refs/heads/main.lock',
    'tmp_obj_1',
    'objects/tmp_obj_2',
    'objects/incoming-1234/pack',
  ])
    writeFileSync(join(gitDirectory, name), 'x');
  rmSync(join(gitDirectory, 'swarmlog-checked-out'));
  rmSync(join(directory, theirs.id, 'admins'), { recursive: true });
}

/** What was said is in the redo file, and the power took it from everywhere else. */
function leaveUndone({ killed, head, theirs }: LogStage, directory: string): void {
  cpSync(killed, directory, { recursive: true });
  const gitDirectory = join(directory, theirs.id, '.git');
  writeFileSync(join(gitDirectory, 'refs/heads/main'), '');
  rmSync(join(gitDirectory, 'objects', head.slice(0, 2), head.slice(2)), { force: true });
}

const OTHER = ConversationId.parse('ab'.repeat(20));

export const LOG_OPERATIONS: Readonly<Record<string, (stage: LogStage) => DiskOperation>> = {
  'founding a conversation': ({ alice }) =>
    onNothing(alice, async (directory, { promise, attempt }) => {
      const found = () => createConversation(homeOf(directory, alice), { mode: 'invites-only' });
      await using conversation = await attempt(found);
      promise(conversation.head());
    }),
  'starting over what a killed process left': (stage) => ({
    needsNoRoom: true,
    prepare: (directory) => leaveUnfinished(stage, directory),
    async run(directory, { promise, attempt }) {
      const { alice: keys, theirs } = stage;
      await using conversation = await attempt(async () => {
        await removeUnfinished(directory);
        return openConversation({ directory, id: theirs.id, keys, clock });
      });
      promise(conversation.head());
    },
    check: (directory, promised) => checkLogs(directory, { keys: stage.alice, promised }),
  }),
  'doing again what was said': (stage) => ({
    prepare: (directory) => leaveUndone(stage, directory),
    async run(directory, { promise, attempt }) {
      const { alice: keys, head, theirs } = stage;
      promise(head);
      await using conversation = await attempt(() => openConversation({ directory, id: theirs.id, keys, clock }));
      promise(conversation.head());
    },
    check: (directory, promised) => checkLogs(directory, { keys: stage.alice, promised }),
  }),
  'saying something': (stage) =>
    onAlice(stage, async (log, { promise, attempt }) => promise(await attempt(() => say(log, 'one')))),
  'saying much at once': (stage) =>
    onAlice(stage, async (log, { promise, attempt }) => {
      const sayAndPromise = async (body: string) => promise(await say(log, body));
      await attempt(() => allOf(['one', 'two', 'three'].map(sayAndPromise)));
    }),
  'saying more than there is room for at first': (stage) =>
    onAlice(stage, async (log, { promise, attempt }) => {
      const sayAndPromise = async (body: string) => promise(await say(log, body));
      await attempt(async () => {
        for (const letter of 'abc') await sayAndPromise(letter.repeat(REDO_FIRST_BYTES / 2));
      });
    }),
  'inviting somebody': (stage) =>
    onAlice(stage, async (log, { promise, attempt }) => {
      const invited = await attempt(() => log.append({ kind: 'invite-member', uri: stage.carol.account }));
      promise(invited.id);
    }),
  'pulling and merging': (stage) =>
    onAlice(stage, async (log, { promise, attempt }) => {
      await attempt(() => withServer(stage.theirs, (channel) => log.pull(channel, { signal })));
      promise(stage.theirs.head());
      promise(log.head());
    }),
  'packing, with small packs there': (stage) =>
    onAlice(stage, async (log, { attempt }) => {
      // In this thread, where the disk is watched.
      const objects = join(log.repository.path, '.git/objects');
      await repack(objects);
      await say(log, 'one');
      // For which it has to be in place.
      await log.repository.checkOut();
      await attempt(() => repack(objects));
    }),
  cloning: ({ theirs, bob }) =>
    onNothing(bob, async (directory, { promise, attempt }) => {
      await using cloned = await attempt(() => cloneFrom(theirs, { directory, keys: bob }));
      promise(cloned.head());
    }),
};
