import { expect, it, onTestFinished } from 'vitest';
import { interactionOf } from '../../../../src/conversation/log/interaction-of.ts';
import { loadLog } from '../../../../src/conversation/log/log-state.ts';
import { openRepository } from '../../../../src/conversation/repository/repository-adapter.ts';
import { createConversation } from '../../../../src/conversation/write/create-conversation.ts';
import { judgePrepared } from '../../../../src/conversation/write/judge-prepared.ts';
import {
  contentOf,
  objectsWith,
  preparedFrom,
  signCommit,
  signedFrom,
  unsignedCommit,
} from '../../../../src/conversation/write/prepare-commit.ts';
import { CommitId } from '../../../../src/ids.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';
import { TEST_NOW, testAccount, testRandom } from '../../../support/identity/accounts.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const clock = createVirtualClock(TEST_NOW + 86_400_000);
const edit = (target: string) => JSON.stringify({ body: 'other words', edit: target, type: 'text/plain' });

it('says of a commit that is not signed yet what others say of it when it is, and reads the same in it', async () => {
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
    const signed = await signCommit(keys, unsigned);
    const [ahead, whole] = [preparedFrom(unsigned), preparedFrom(signed)];
    expect(signedFrom(ahead, signed)).toEqual(whole);

    const on = { ...log, objects: repository.objects };
    const { flaws, said } = await judgePrepared(on, ahead);
    const { id } = whole.commit;
    expect({ flaws, said: { ...said, id } }).toEqual(await judgePrepared(on, whole));
    expect({ ...said, id }).toEqual(
      await interactionOf(log.history.over(objectsWith(on.objects, whole)), whole.commit),
    );
    verdicts.push(flaws.map(({ rule }) => rule));
  }
  expect(verdicts.map(({ length }) => length)).toEqual([0, 0, 1, 1]);
});
