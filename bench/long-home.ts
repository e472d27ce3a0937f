import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { formatUnsigned, insertSignature, parseCommit } from '../src/conversation/commit.ts';
import { createConversation } from '../src/conversation/create-conversation.ts';
import { openConversation } from '../src/conversation/open-conversation.ts';
import { asCommitId, objectIdOf } from '../src/conversation/repository/object-id.ts';
import { packObjects } from '../src/conversation/repository/pack-writer.ts';
import type { Repository } from '../src/conversation/repository/repository.ts';
import { openRepository } from '../src/conversation/repository/repository-adapter.ts';
import { createAccount } from '../src/engine/home/account.ts';
import { nodeClock, nodeRandom } from '../src/engine/node-ports-adapter.ts';
import { encode } from '../src/events/encode.ts';
import { loadDeviceKeys } from '../src/identity/account-store-adapter.ts';
import type { CommitId, ConversationId, ObjectId } from '../src/ids.ts';
import { memoryObjects } from '../test/support/git-objects.ts';
import { talkAt } from './seeded-events.ts';

const SIGNATURE_BYTES = 512;

/** Makes a home with an account and a conversation of so many messages. Their signatures are random bytes: a log is not judged again. */
export async function longHome(home: string, count: number): Promise<ConversationId> {
  await createAccount(home, { name: 'bench' });
  const directory = join(home, 'conversations');
  const keys = await loadDeviceKeys(home, { now: nodeClock.now() });
  const ports = { directory, keys, clock: nodeClock };
  const conversation = await createConversation({ ...ports, random: nodeRandom }, { mode: 'invites-only' });
  const { id } = conversation;
  const head = conversation.head();
  await conversation.close();
  const repository = await openRepository(join(directory, id));
  await grow(repository, { head, count });
  await repository[Symbol.asyncDispose]();
  await (await openConversation({ ...ports, id })).close();
  return id;
}

async function grow(
  repository: Repository,
  { head, count }: { readonly head: CommitId; readonly count: number },
): Promise<void> {
  const sink = memoryObjects();
  const first = await repository.objects.read(head);
  const read = parseCommit(head, first.bytes);
  if (read.outcome !== 'parsed') throw new Error('the first commit');
  const { tree, author } = read.commit;
  const ids: CommitId[] = [head];
  for (let place = 1; place <= count; place++) {
    const said = { tree, parents: ids.slice(-1), author: { ...author, seconds: author.seconds + place } };
    const unsigned = formatUnsigned({ ...said, message: encode(talkAt(place, (at) => ids[at] ?? head)) });
    const bytes = insertSignature(unsigned, randomBytes(SIGNATURE_BYTES));
    await sink.write('commit', bytes);
    ids.push(asCommitId(objectIdOf('commit', bytes)));
  }
  const last = ids.at(-1) ?? head;
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  const staged = await repository.stagePack(
    packObjects(sink, ids.slice(1).reverse() as readonly (CommitId | ObjectId)[]),
    { signal },
  );
  await staged.keep();
  await repository.moveHead({ from: head, to: last });
}
