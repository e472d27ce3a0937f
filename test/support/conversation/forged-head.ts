/** A member's device that goes on with a conversation as nobody may, and serves what it made to whoever asks. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { createHistoryReader } from '../../../src/conversation/log/history-reader.ts';
import { openRepository } from '../../../src/conversation/repository/repository-adapter.ts';
import { serveUploadPack } from '../../../src/conversation/sync/serve-upload-pack.ts';
import { prepareCommit, writePrepared } from '../../../src/conversation/write/prepare-commit.ts';
import { loadDeviceKeys } from '../../../src/identity/account-store-adapter.ts';
import type { CommitId, ConversationId } from '../../../src/ids.ts';
import type { Channel } from '../../../src/ports.ts';
import { temporaryFolder } from '../cli/built-program.ts';
import { realClock } from '../time/real-clock.ts';

export interface ForgedHead extends AsyncDisposable {
  readonly head: CommitId;
  /** Channels on which it was asked for. */
  readonly asked: () => number;
  serve(channel: Channel): Promise<void>;
}

/** On top of what the home holds: a message that adds a file, which breaks R49. The home stays as it is. */
export async function forgeHead(home: string, conversation: ConversationId): Promise<ForgedHead> {
  const keys = await loadDeviceKeys(home, { now: realClock.now() });
  const folder = temporaryFolder();
  const path = join(folder.path, conversation);
  cpSync(join(home, 'conversations', conversation), path, { recursive: true });
  const repository = await openRepository(path);
  const from = await repository.head();
  if (!from) throw new TypeError('nothing to go on with');
  const history = createHistoryReader(repository);
  const { tree, committer } = await history.commit(from);
  const prepared = await prepareCommit(keys, {
    ...{ tree: await history.trees.read(tree), parents: [from], seconds: committer.seconds + 1 },
    ...{ edits: [{ path: 'readme.txt', content: 'x' }], message: '{"body":"look","type":"text/plain"}' },
  });
  await writePrepared(repository, prepared);
  const head = prepared.commit.id;
  await repository.moveHead({ from, to: head });
  let asked = 0;
  return {
    head,
    asked: () => asked,
    async serve(channel) {
      asked += 1;
      await serveUploadPack(repository, channel, {
        conversation,
        clock: realClock,
        signal: new AbortController().signal,
      });
    },
    async [Symbol.asyncDispose]() {
      await repository[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}
