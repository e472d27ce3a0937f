/** Who and what the histories of the conformance kit are made of. */
import type { Rule } from '../../../src/conversation/rules/rule.ts';
import { certifyDevice, createAccount } from '../../../src/identity/create-account.ts';
import { deviceKeysOf } from '../../../src/identity/device-keys.ts';
import type { DeviceKeys } from '../../../src/identity/identity.ts';
import type { CommitId } from '../../../src/ids.ts';
import { adminFiles, type Files, type Forge, memberFiles } from '../conversation/forge.ts';
import { ban, foundGroup, type JudgedGroup, member } from '../conversation/judged-group.ts';
import { keySource, secondTestDevice, TEST_NOW, testAccount, wholeTestAccount } from '../identity/accounts.ts';

/** Forges on the head of a beginning; what it gives back is the commit that breaks the rule. */
export type Forging = () => Promise<CommitId>;
/** Forged one after the other. */
export type Told = readonly [name: string, ...steps: Forging[]];

export const EXPIRED = Date.UTC(2010, 0, 1);
export const PROFILE = { 'profile.vcf': 'BEGIN:VCARD' };
export const README = { 'readme.txt': 'x' };
/** A revocation list, where the format lets one stand. */
export const revocations = ({ account }: DeviceKeys): Files => ({ [`CRLs/${account}`]: 'a list of the account' });
export const UPDATE = { type: 'application/update-profile' };
export const announcement = {
  ...{ type: 'application/data-transfer+json', displayName: 'a.txt', tid: '1' },
  ...{ totalSize: 5, sha3sum: 'ab'.repeat(64) },
};
export const CHECKPOINT = { type: 'application/checkpoint', body: '' };

export interface Cast extends JudgedGroup {
  readonly tablet: DeviceKeys;
  readonly dave: DeviceKeys;
  readonly old: DeviceKeys;
  /** Whose account expired before the device. */
  readonly stale: DeviceKeys;
  /** Heads of the beginnings: a group, a conversation between two, a document. */
  readonly group: CommitId;
  readonly pair: CommitId;
  readonly document: CommitId;
  /** Goes back to a commit. */
  at(start: CommitId): Forging;
}

export type Broken = Partial<Record<Rule, readonly Told[]>>;

export async function gatherCast(): Promise<Cast> {
  const group = await foundGroup();
  const { forge, alice, bob } = group;
  const groupHead = forge.head;
  const [tablet, dave, old] = await Promise.all([
    secondTestDevice('alice'),
    testAccount('dave'),
    testAccount('old', { now: EXPIRED }),
  ]);
  const says = { type: 'initial', mode: 0, invited: bob.account };
  const files = { ...adminFiles(alice), [`invited/${bob.account}`]: '' };
  await forge.commit({ by: alice, says, files, on: [] });
  const pair = await forge.join(bob);
  const initial = { type: 'initial', mode: 4, mimeType: 'text/html', parent: groupHead };
  const document = await forge.commit({ by: alice, says: initial, files: adminFiles(alice), on: [] });
  const at = (start: CommitId) => async () => {
    forge.rewindTo(start);
    return start;
  };
  return { ...group, at, tablet, dave, old, stale: await staleAccount(), group: groupHead, pair, document };
}

async function staleAccount(): Promise<DeviceKeys> {
  const { keys } = await wholeTestAccount('stale');
  const { key, random } = keySource('stale second');
  const account = await createAccount({ keys, now: EXPIRED, random });
  const device = await key(2048);
  const chain = await certifyDevice({ keys: { ...keys, device }, now: TEST_NOW, random }, account);
  return deviceKeysOf({ name: 'stale', chain, key: device });
}

/** Two branches on the head, merged by Alice. */
export async function forkOf({ forge, alice }: Cast, [one, other]: readonly [Forging, Forging], files: Files = {}) {
  const base = forge.head;
  const left = await one();
  forge.rewindTo(base);
  return forge.merge(alice, [left, await other()], files);
}

export const profile = ({ forge, alice }: Cast, title: string) =>
  forge.commit({ by: alice, says: UPDATE, files: { 'profile.vcf': title } });
export const attachment = (forge: Forge, content: string) => ({
  [`attachments/${forge.put('blob', Buffer.from(content))}`]: content,
});

/** The certificate of an account, made anew a second later: the same keys in other bytes. */
export async function renewedCertificate(name: string, seconds = 1): Promise<string> {
  const { keys } = await wholeTestAccount(name);
  const { random } = keySource(name);
  const { account, authority } = await createAccount({ keys, now: TEST_NOW + 1000 * seconds, random });
  return account.pem + authority.pem;
}

/** Dave joins, and is banned on one branch only, where the other one did not know him yet: both files are there in the end. */
export function bannedAndThere(cast: Cast, more: Files = {}): Promise<CommitId> {
  const { forge, alice, dave } = cast;
  const joins = async () => {
    await forge.invite(alice, dave);
    return forge.join(dave);
  };
  const isBanned = async () => {
    await joins();
    return ban(cast, dave);
  };
  const staysOn = async () => {
    await joins();
    return forge.say(dave, 'here I am', more);
  };
  return forkOf(cast, [isBanned, staysOn]);
}

/** Old's certificates expired long ago, and were good when they joined. */
export async function joinsInTime({ forge, alice, old }: Cast): Promise<CommitId> {
  await forge.invite(alice, old);
  const files = { [`invited/${old.account}`]: undefined, ...memberFiles(old) };
  return forge.commit({ by: old, says: member('join', old.account), files, seconds: EXPIRED / 1000 + 5 });
}
