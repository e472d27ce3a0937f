import { expect, it, onTestFinished } from 'vitest';
import { loadLog } from '../../../../src/conversation/log/log-state.ts';
import { judgePrepared } from '../../../../src/conversation/merge/merge-heads.ts';
import { openRepository } from '../../../../src/conversation/repository/repository-adapter.ts';
import { createConversation } from '../../../../src/conversation/write/create-conversation.ts';
import { judgeAhead } from '../../../../src/conversation/write/judge-ahead.ts';
import {
  contentOf,
  preparedFrom,
  signCommit,
  unsignedCommit,
} from '../../../../src/conversation/write/prepare-commit.ts';
import { CommitId } from '../../../../src/ids.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';
import { TEST_NOW, testAccount, testRandom } from '../../../support/identity/accounts.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const clock = createVirtualClock(TEST_NOW + 86_400_000);
const edit = (target: string) => JSON.stringify({ body: 'other words', edit: target, type: 'text/plain' });

it('says of a commit that is not signed yet what others say of it when it is', async () => {
  const keys = await testAccount('alice');
  const home = { directory: await temporaryDirectory(), keys, clock, random: testRandom };
  const founded = await createConversation(home, { mode: 'invites-only' });
  const said = await founded.append({ kind: 'send-text', body: 'words' });
  await founded.close();
  const repository = await openRepository(founded.repository.path);
  onTestFinished(() => repository[Symbol.asyncDispose]());
  const log = await loadLog(repository, { signal: new AbortController().signal });
  const tree = log.tree();
  const contents = [
    { edits: [], message: '{"body":"more words","type":"text/plain"}' },
    { edits: [], message: edit(said.id) },
    { edits: [], message: edit(CommitId.parse('a'.repeat(40))) },
    { edits: [{ path: 'readme.txt', content: 'x' }], message: '{"body":"look","type":"text/plain"}' },
  ];
  const verdicts = [];
  for (const content of contents) {
    const unsigned = unsignedCommit(keys, contentOf({ tree, ...content }), {
      parents: [log.head()],
      seconds: TEST_NOW / 1000 + 86_400,
    });
    const signed = preparedFrom(await signCommit(keys, unsigned));
    const flaws = await judgeAhead({ repository, log }, unsigned);
    expect(flaws).toEqual(await judgePrepared({ ...log, objects: repository.objects }, signed));
    verdicts.push(flaws.map(({ rule }) => rule));
  }
  expect(verdicts.map(({ length }) => length)).toEqual([0, 0, 1, 1]);
});
