/**
 * What a revoked device signed, straight from it and below the commits of others, as one judges it who has heard and
 * one who has not.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import type { IsRevoked } from '../../../../src/conversation/judge/judge-standing.ts';
import { validateBatch } from '../../../../src/conversation/judge/validate-batch.ts';
import { createHistoryReader } from '../../../../src/conversation/log/history-reader.ts';
import type { Rule } from '../../../../src/conversation/rules/rule.ts';
import type { DeviceKeys } from '../../../../src/identity/identity.ts';
import { type CommitId, conversationFoundedBy } from '../../../../src/ids.ts';
import { deviceFiles } from '../../../support/conversation/forge.ts';
import { foundGroup, type JudgedGroup } from '../../../support/conversation/judged-group.ts';
import { secondTestDevice } from '../../../support/identity/accounts.ts';

const { signal } = new AbortController();

let group: JudgedGroup;
/** Bob's second device, which he loses. */
let lost: DeviceKeys;
let root: CommitId;

beforeEach(async () => {
  [group, lost] = await Promise.all([foundGroup(), secondTestDevice('bob', 'lost')]);
  const { forge } = group;
  root = forge.head;
  for (let commit = forge.read(root); commit.parents[0]; commit = forge.read(root)) root = commit.parents[0];
});

const hasHeard =
  (of: DeviceKeys): IsRevoked =>
  ({ account, device }) =>
    account === of.account && device === of.device;
const hasNotHeard: IsRevoked = () => false;

/** How the head is judged: `valid`, or the commit and the rule that it breaks. */
async function judged(head: CommitId, isRevoked: IsRevoked): Promise<string> {
  const history = createHistoryReader(group.forge.reader());
  const batch = await validateBatch(
    { head, history },
    { conversation: conversationFoundedBy(root) },
    { signal, isRevoked },
  );
  return batch.outcome === 'valid' ? 'valid' : `${batch.refusal.commit} ${batch.refusal.rule}`;
}

const onTop = () => group.forge.say(lost, 'who has my telephone?', deviceFiles(lost));
const REFUSED_BY: Rule = 'REVOKED';
const refusal = (commit: CommitId) => `${commit} ${REFUSED_BY}`;

describe('what a revoked device signed', () => {
  it('is taken from it by whoever has not heard, and by nobody who has', async () => {
    const head = await onTop();
    expect(await judged(head, hasNotHeard)).toBe('valid');
    expect(await judged(head, hasHeard(lost))).toBe(refusal(head));
  });

  it.each([
    ['another member’s', () => group.alice],
    ['its own account’s other device’s', () => group.bob],
  ])('is taken below %s commit', async (_, by) => {
    await onTop();
    const head = await group.forge.say(by(), 'I saw that');
    for (const isRevoked of [hasNotHeard, hasHeard(lost)]) expect(await judged(head, isRevoked)).toBe('valid');
  });

  it('is taken below a merge that another device signed, on either side of it', async () => {
    const { forge, alice } = group;
    const fork = forge.head;
    const theirs = await onTop();
    forge.rewindTo(fork);
    const ours = await forge.say(alice, 'meanwhile');
    for (const on of [
      [ours, theirs],
      [theirs, ours],
    ]) {
      const head = await forge.commit({ by: alice, says: `Merge commit '${on[1]}'`, on, treeOf: theirs });
      expect(await judged(head, hasHeard(lost))).toBe('valid');
    }
  });

  it('is refused when it goes on after somebody else did, whatever lies below', async () => {
    await onTop();
    await group.forge.say(group.alice, 'I saw that');
    const head = await group.forge.say(lost, 'and now this');
    expect(await judged(head, hasNotHeard)).toBe('valid');
    expect(await judged(head, hasHeard(lost))).toBe(refusal(head));
  });

  it('is refused as well when it is a merge', async () => {
    const { forge, alice } = group;
    const theirs = await onTop();
    forge.rewindTo(theirs);
    const ours = await forge.say(alice, 'meanwhile');
    forge.rewindTo(theirs);
    const other = await forge.say(group.bob, 'at the same time');
    const head = await forge.commit({ by: lost, says: `Merge commit '${other}'`, on: [ours, other] });
    expect(await judged(head, hasNotHeard)).toBe('valid');
    expect(await judged(head, hasHeard(lost))).toBe(refusal(head));
  });

  it('does not touch what the account’s other devices sign', async () => {
    const head = await group.forge.say(group.bob, 'I have two telephones');
    expect(await judged(head, hasHeard(lost))).toBe('valid');
  });

  it('is no reason to refuse a device of the same id under another account', async () => {
    const head = await onTop();
    expect(await judged(head, hasHeard({ ...lost, account: group.alice.account }))).toBe('valid');
  });

  it('may be the initial commit: the conversation is named after it', async () => {
    expect(await judged(root, hasHeard(group.alice))).toBe('valid');
  });
});
