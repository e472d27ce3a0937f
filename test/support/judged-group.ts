/** A small group whose history is forged and judged: for tests of the rules. */
import { expect } from 'vitest';
import type { Refusal, Rule } from '../../src/conversation/rules/rule.ts';
import { verifyHistory } from '../../src/conversation/verify-history.ts';
import type { DeviceKeys } from '../../src/identity/identity.ts';
import type { CommitId } from '../../src/ids.ts';
import { testAccount } from './accounts.ts';
import { type Files, Forge, memberFiles } from './forge.ts';

/** Alice is the admin, Bob a member, Carol is invited. */
export interface JudgedGroup {
  readonly alice: DeviceKeys;
  readonly bob: DeviceKeys;
  readonly carol: DeviceKeys;
  readonly forge: Forge;
}

/** An account that nobody has. */
export const NOBODY = 'ab'.repeat(20);
export const text = { type: 'text/plain', body: 'hello' };
export const member = (action: string, uri: string) => ({ type: 'member', action, uri });
export const certificate = (who: DeviceKeys) => memberFiles(who)[`members/${who.account}.crt`];
export const vote = (who: DeviceKeys, action: string, path: string): Files => ({
  [`votes/${action}/${path}/${who.account}`]: '',
});

export async function foundGroup(): Promise<JudgedGroup> {
  const [alice, bob, carol] = await Promise.all([testAccount('alice'), testAccount('bob'), testAccount('carol')]);
  const forge = new Forge();
  await forge.found(alice);
  await forge.invite(alice, bob);
  await forge.join(bob);
  await forge.invite(bob, carol);
  return { alice, bob, carol, forge };
}

/** Alice, the only admin, votes and resolves. */
export async function ban({ forge, alice }: JudgedGroup, who: DeviceKeys): Promise<CommitId> {
  const path = `members/${who.account}`;
  await forge.commit({ by: alice, says: { type: 'vote', uri: who.account }, files: vote(alice, 'ban', path) });
  const files = {
    [`votes/ban/${path}/${alice.account}`]: undefined,
    [`${path}.crt`]: undefined,
    [`banned/${path}.crt`]: certificate(who),
  };
  return forge.commit({ by: alice, says: member('ban', who.account), files });
}

export async function refusalsIn(forge: Forge): Promise<readonly Refusal[]> {
  return (await verifyHistory(forge.reader(), { signal: new AbortController().signal })).problems;
}

/** The commit breaks exactly this rule, and nothing else in the history is wrong. */
export async function expectRefused(forge: Forge, commit: CommitId, rule: Rule): Promise<void> {
  expect(await refusalsIn(forge)).toEqual([expect.objectContaining({ commit, rule })]);
}

export async function expectValid(forge: Forge): Promise<void> {
  expect(await refusalsIn(forge)).toEqual([]);
}
