/**
 * A home with one long conversation, as if its device had written all of it. The signatures are random bytes: a log of one's own
 * is not judged again, and so many real ones would take ten minutes.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { formatUnsigned, insertSignature } from '../src/conversation/commit.ts';
import { conversationPath } from '../src/conversation/conversation-directory-adapter.ts';
import { commitLinks } from '../src/conversation/repository/objects/commit-links.ts';
import { packObjects } from '../src/conversation/repository/packs/pack-writer.ts';
import { openRepository } from '../src/conversation/repository/repository-adapter.ts';
import { createConversation } from '../src/conversation/write/create-conversation.ts';
import { nodeClock, nodeRandom } from '../src/engine/node-ports-adapter.ts';
import { encode } from '../src/events/encode.ts';
import { asCommitId } from '../src/id-bytes.ts';
import type { ConversationId, ObjectId } from '../src/ids.ts';
import { memoryObjects } from '../test/support/git/git-objects.ts';
import { placeAccount } from '../test/support/identity/accounts.ts';
import { eventAt } from './seeded-events.ts';

const SIGNATURE_BYTES = 512;

/** `home` is made; `count` messages and what belongs to them, every tenth a file. */
export async function makeLongHome(
  home: string,
  { count, signal }: { readonly count: number; readonly signal: AbortSignal },
): Promise<ConversationId> {
  const keys = await placeAccount(home, 'bench');
  const directory = join(home, 'conversations');
  const parts = { directory, keys, clock: nodeClock, random: nodeRandom };
  const conversation = await createConversation(parts, { mode: 'invites-only' });
  const first = conversation.head();
  await conversation.close();
  await using repository = await openRepository(conversationPath(directory, conversation.id));
  const tree = commitLinks((await repository.objects.read(first)).bytes).tree;
  const written = memoryObjects();
  const ids: ObjectId[] = [];
  let head = first;
  for (let place = 1; place < count; place++) {
    const author = { name: keys.name, device: keys.device, seconds: Math.floor(Date.now() / 1000) + place };
    const unsigned = formatUnsigned({
      tree: tree as ObjectId,
      parents: [head],
      author,
      message: encode(eventAt(place)),
    });
    const id = await written.write('commit', insertSignature(unsigned, randomBytes(SIGNATURE_BYTES)));
    ids.push(id);
    head = asCommitId(id);
  }
  await (await repository.stagePack(packObjects(written, ids.reverse()), { signal })).keep();
  await repository.moveHead({ from: first, to: head });
  return conversation.id;
}
