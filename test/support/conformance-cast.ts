/** Who and what the histories of the conformance kit are made of. */
import type { Rule } from '../../src/conversation/rules/rule.ts';
import { certifyDevice, createAccount } from '../../src/identity/create-account.ts';
import { deviceKeysOf } from '../../src/identity/device-keys.ts';
import type { DeviceKeys } from '../../src/identity/identity.ts';
import type { CommitId } from '../../src/ids.ts';
import { keySource, secondTestDevice, TEST_NOW, testAccount, wholeTestAccount } from './accounts.ts';
import { adminFiles, type Files, type Forge } from './forge.ts';
import { foundGroup, type JudgedGroup } from './judged-group.ts';

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
