/** A small group whose history is forged and judged: for tests of the rules. */
import { expect } from 'vitest';
import { verifyHistory } from '../../../src/conversation/judge/verify-history.ts';
import type { Refusal, Rule } from '../../../src/conversation/rules/rule.ts';
import type { DeviceKeys } from '../../../src/identity/identity.ts';
import type { CommitId } from '../../../src/ids.ts';
import { testAccount } from '../identity/accounts.ts';
import { deviceFiles, type Files, Forge, memberFiles } from './forge.ts';

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

/** Whom every group consists of. */
export async function groupPeople(): Promise<Omit<JudgedGroup, 'forge'>> {
  const [alice, bob, carol] = await Promise.all([testAccount('alice'), testAccount('bob'), testAccount('carol')]);
  return { alice, bob, carol };
}

export async function foundGroup(): Promise<JudgedGroup> {
  const { alice, bob, carol } = await groupPeople();
  const forge = new Forge();
  await forge.found(alice);
  await forge.invite(alice, bob);
  await forge.join(bob);
  await forge.invite(bob, carol);
  return { alice, bob, carol, forge };
}

/** What a ban is about: somebody as a member or as an invited one, or a device. */
export type BanKind = 'members' | 'invited' | 'devices';

/** Alice, the only admin, votes and resolves. */
export function ban(group: JudgedGroup, who: DeviceKeys, kind?: BanKind): Promise<CommitId> {
  return voteAndResolve(group, { action: 'ban', who, kind });
}

export function unban(group: JudgedGroup, who: DeviceKeys, kind?: BanKind): Promise<CommitId> {
  return voteAndResolve(group, { action: 'unban', who, kind });
}

interface Resolution {
  readonly action: 'ban' | 'unban';
  readonly who: DeviceKeys;
  /** A member by default. */
  readonly kind?: BanKind | undefined;
  /** Who resolves; Alice, who voted, by default. */
  readonly by?: DeviceKeys;
  /** What the resolving commit changes besides, or otherwise. */
  readonly more?: Files;
}

export async function voteAndResolve(
  { forge, alice }: JudgedGroup,
  { action, who, kind = 'members', by = alice, more }: Resolution,
): Promise<CommitId> {
  const target = kind === 'devices' ? who.device : who.account;
  const path = kind === 'invited' ? `${kind}/${target}` : `${kind}/${target}.crt`;
  const places = action === 'ban' ? [path, `banned/${path}`] : [`banned/${path}`, path];
  const votes = vote(alice, action, `${kind}/${target}`);
  await forge.commit({ by: alice, says: { type: 'vote', uri: target }, files: votes });
  const files = Object.fromEntries([
    ...Object.keys(votes).map((name) => [name, undefined]),
    ...places.map((name, at) => [name, at === 0 ? undefined : banned(who, kind)]),
  ]);
  return forge.commit({ by, says: member(action, target), files: { ...files, ...more } });
}

function banned(who: DeviceKeys, kind: BanKind) {
  if (kind === 'invited') return '';
  return kind === 'devices' ? deviceFiles(who)[`devices/${who.device}.crt`] : certificate(who);
}

/** Takes everything of its own away. */
export function leave({ forge }: JudgedGroup, who: DeviceKeys, more: Files = {}): Promise<CommitId> {
  const files = { [`members/${who.account}.crt`]: undefined, [`devices/${who.device}.crt`]: undefined, ...more };
  return forge.commit({ by: who, says: member('remove', who.account), files });
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

/** The same of a history that changes from test to test. */
export function judging(forge: () => Forge) {
  return {
    refusals: () => refusalsIn(forge()),
    expectRefused: (commit: CommitId, rule: Rule) => expectRefused(forge(), commit, rule),
    expectValid: () => expectValid(forge()),
  };
}
