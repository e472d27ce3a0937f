import { createPublicKey, generateKeyPairSync, sign as signWith } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judgeCommits } from '../../../../src/conversation/judge/judge-commits.ts';
import { walkedIds, walkHistory } from '../../../../src/conversation/judge/walk-history.ts';
import { readFounding, rootOf } from '../../../../src/conversation/log/founding.ts';
import { createHistoryReader } from '../../../../src/conversation/log/history-reader.ts';
import { openSource } from '../../../../src/conversation/repository/open-source-adapter.ts';
import type { RepositoryReader } from '../../../../src/conversation/repository/repository.ts';
import { sign, type Verify, verify } from '../../../../src/identity/signature.ts';
import type { CommitId } from '../../../../src/ids.ts';
import { SIGNATURES_AHEAD } from '../../../../src/limits.ts';
import { wholeTestAccount } from '../../../support/identity/accounts.ts';

const FOLDER = join(import.meta.dirname, '../../../../fixtures/conformance');
const { keys } = await wholeTestAccount('alice');
const publicKey = createPublicKey(keys.device);
const { signal } = new AbortController();

describe('verifying on the pool', () => {
  it('tells the right signatures from the wrong ones, each by itself', async () => {
    const texts = Array.from({ length: 20 }, (_, place) => Buffer.from(`text ${place}`));
    const signatures = await Promise.all(texts.map((text) => sign(keys.device, text)));
    const isSwapped = (place: number) => place % 7 === 0;
    const verdicts = texts.map((text, place) => {
      const signature = signatures[isSwapped(place) ? (place + 1) % texts.length : place] ?? text;
      return verify(publicKey, text, signature);
    });
    expect(await Promise.all(verdicts)).toEqual(texts.map((_, place) => !isSwapped(place)));
  });

  it('takes no other kind of key, and no signature of another length', async () => {
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const text = Buffer.from('text');
    expect(await verify(curve.publicKey, text, signWith('sha512', text, curve.privateKey))).toBe(false);
    expect(await verify(publicKey, text, new Uint8Array())).toBe(false);
  });
});

it('keeps a bounded number of signatures ahead, and stops when it is told to', async () => {
  await using kit = await openSource(join(FOLDER, 'histories.bundle'));
  const head = (await kit.head()) ?? expect.fail('the kit has no head');
  let asked = 0;
  const abort = new AbortController();
  const neverAnswers: Verify = () => {
    asked += 1;
    return new Promise(() => {});
  };
  const { surroundings, ids } = await surroundingsOf(kit, head);
  function* without(end: number): Generator<CommitId> {
    for (let place = 0; place < end; place += 1) yield ids[place % ids.length] ?? head;
    abort.abort();
    yield head;
  }
  const judging = judgeCommits(surroundings, without(SIGNATURES_AHEAD - 1), {
    signal: abort.signal,
    verify: neverAnswers,
  });
  await expect(judging.next()).rejects.toThrow();
  expect(asked).toBeLessThan(SIGNATURES_AHEAD);
});

async function surroundingsOf(reader: RepositoryReader, head: CommitId) {
  const history = createHistoryReader(reader);
  const walked = await walkHistory(history, head, { signal });
  const { graph, problems } = walked;
  const founding = await readFounding(history, rootOf(graph, head));
  const surroundings = { history, graph, founding, hasGaps: problems.length > 0 };
  return { surroundings, ids: [...walkedIds(walked)] };
}
