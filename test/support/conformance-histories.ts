/**
 * The histories of `fixtures/conformance`: right ones, and for each rule at least two that break it in different ways.
 * All are forged into one store, on three beginnings that they share.
 */
import type { Rule } from '../../src/conversation/rules/rule.ts';
import { certifyDevice, createAccount, generateKey } from '../../src/identity/create-account.ts';
import { deviceKeysOf } from '../../src/identity/device-keys.ts';
import type { DeviceKeys } from '../../src/identity/identity.ts';
import type { CommitId } from '../../src/ids.ts';
import { secondTestDevice, TEST_NOW, testAccount, testRandom, wholeTestAccount } from './accounts.ts';
import { adminFiles, deviceFiles, type Files, type Forge, memberFiles } from './forge.ts';
import {
  ban,
  certificate,
  foundGroup,
  type JudgedGroup,
  leave,
  member,
  NOBODY,
  text,
  unban,
  vote,
} from './judged-group.ts';

export interface ConformanceHistory {
  readonly name: string;
  readonly head: CommitId;
  /** The rule that the commit breaks; both absent for a right history. */
  readonly rule?: Rule;
  readonly commit?: CommitId;
}

/** Forges on the head of a beginning; what it gives back is the commit that breaks the rule. */
type Forging = () => Promise<CommitId>;
/** Forged one after the other. */
type Told = readonly [name: string, ...steps: Forging[]];

const EXPIRED = Date.UTC(2010, 0, 1);
const PROFILE = { 'profile.vcf': 'BEGIN:VCARD' };
const README = { 'readme.txt': 'x' };
const UPDATE = { type: 'application/update-profile' };
const CHECKPOINT = { type: 'application/checkpoint', body: '' };

interface Cast extends JudgedGroup {
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

/** Forges all of them. The keys are made now and kept nowhere. */
export async function conformanceHistories(): Promise<{ forge: Forge; histories: readonly ConformanceHistory[] }> {
  const cast = await gatherCast();
  const histories: ConformanceHistory[] = [];
  for (const [name, ...steps] of rightOnes(cast)) {
    await inTurn(steps);
    histories.push({ name: `valid/${name}`, head: cast.forge.head });
  }
  for (const [rule, told] of Object.entries(brokenOnes(cast)) as [Rule, readonly Told[]][]) {
    for (const [name, ...steps] of told) {
      const commit = await inTurn([cast.at(cast.group), ...steps]);
      histories.push({ name: `${rule}/${name}`, head: cast.forge.head, rule, commit });
    }
  }
  return { forge: cast.forge, histories };
}

async function inTurn(steps: readonly Forging[]): Promise<CommitId> {
  let last: CommitId | undefined;
  for (const step of steps) last = await step();
  if (!last) throw new TypeError('a history has a commit');
  return last;
}

async function gatherCast(): Promise<Cast> {
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
  const account = await createAccount({ keys, now: EXPIRED, random: testRandom });
  const device = await generateKey(2048);
  const chain = await certifyDevice({ keys: { ...keys, device }, now: TEST_NOW, random: testRandom }, account);
  return deviceKeysOf({ name: 'stale', chain, key: device });
}

function rightOnes(cast: Cast): readonly Told[] {
  const { forge, alice, bob, carol, tablet, group, pair, document, at } = cast;
  return [
    ['a-group', at(group), () => forge.join(carol)],
    ['one-to-one', at(pair), () => forge.say(bob, 'hello')],
    ['document', at(document), () => forge.commit({ by: alice, says: CHECKPOINT, files: attachment(forge, 'state') })],
    ['ban-and-unban', at(group), () => ban(cast, bob), () => unban(cast, bob), () => forge.say(bob, 'thank you')],
    [
      'ban-of-a-device',
      at(group),
      () => forge.say(tablet, 'hi', deviceFiles(tablet)),
      () => ban(cast, tablet, 'devices'),
    ],
    ['leave', at(group), () => leave(cast, bob)],
    ['edit', at(group), async () => forge.commit({ by: bob, says: { ...text, edit: await forge.say(bob, 'old') } })],
    ['empty-vote', at(group), () => forge.commit({ by: bob, says: { type: 'vote', uri: NOBODY } })],
    ['unknown-type', at(group), () => forge.commit({ by: bob, says: { type: 'application/from-the-future' } })],
    ['profiles-merged', at(group), () => forkOf(cast, [() => profile(cast, 'one'), () => profile(cast, 'other')])],
    ['written-beside-a-ban', at(group), () => forkOf(cast, [() => ban(cast, bob), () => forge.say(bob, 'still here')])],
    [
      'joined-beside-a-ban',
      at(group),
      () => forkOf(cast, [() => ban(cast, carol, 'invited'), () => forge.join(carol)]),
    ],
  ];
}

/** Two branches on the head, merged by Alice. */
async function forkOf({ forge, alice }: Cast, [one, other]: readonly [Forging, Forging], files: Files = {}) {
  const base = forge.head;
  const left = await one();
  forge.rewindTo(base);
  return forge.merge(alice, [left, await other()], files);
}

const profile = ({ forge, alice }: Cast, title: string) =>
  forge.commit({ by: alice, says: UPDATE, files: { 'profile.vcf': title } });
const attachment = (forge: Forge, content: string) => ({
  [`attachments/${forge.put('blob', Buffer.from(content))}`]: content,
});

type Broken = Partial<Record<Rule, readonly Told[]>>;

function brokenOnes(cast: Cast): Broken {
  return {
    ...initialOnes(cast),
    ...voteOnes(cast),
    ...memberOnes(cast),
    ...goingOnes(cast),
    ...banOnes(cast),
    ...contentOnes(cast),
    ...mergeOnes(cast),
    ...signerOnes(cast),
  };
}

function initialOnes({ forge, alice, bob, document, at }: Cast): Broken {
  const found = (says: object, files: Files = {}) =>
    forge.commit({ by: alice, says: { type: 'initial', ...says }, files: { ...adminFiles(alice), ...files }, on: [] });
  const secondRoot = (by: DeviceKeys) => async () => {
    const first = forge.head;
    const second = await forge.found(by);
    forge.rewindTo(first);
    await forge.commit({ by: alice, says: `Merge commit '${second}'`, on: [first, second], files: adminFiles(by) });
    return second;
  };
  return {
    R5: [
      ['unknown-mode', () => found({ mode: 9 })],
      ['no-mode', () => found({})],
    ],
    R6: [
      ['more-files', () => found({ mode: 2 }, README)],
      ['invitation-in-a-group', () => found({ mode: 2 }, { [`invited/${bob.account}`]: '' })],
    ],
    S2: [
      ['a-second-root', secondRoot(bob)],
      ['a-second-root-of-the-founder', secondRoot(alice)],
    ],
    R48: [
      ['text', at(document), () => forge.say(alice, 'hello')],
      ['call', at(document), () => forge.commit({ by: alice, says: { type: 'application/call-history+json' } })],
    ],
  };
}

function voteOnes({ forge, alice, bob, carol, tablet }: Cast): Broken {
  const cast = (files: Files, by = alice) => forge.commit({ by, says: { type: 'vote', uri: bob.account }, files });
  const onBob = vote(alice, 'ban', `members/${bob.account}`);
  const [path = ''] = Object.keys(onBob);
  return {
    R10: [
      ['three-files', () => cast({ ...onBob, 'votes/a': '', 'votes/b': '' })],
      ['three-other-files', () => cast({ ...onBob, ...PROFILE, ...README })],
    ],
    R11: [
      ['profile', () => cast({ ...onBob, ...PROFILE })],
      ['readme', () => cast({ ...onBob, ...README })],
    ],
    R12: [
      ['two-votes', () => cast({ ...onBob, ...vote(alice, 'ban', `invited/${carol.account}`) })],
      ['only-a-device', () => cast(deviceFiles(tablet), tablet)],
    ],
    R13: [
      ['by-a-member', () => cast(vote(bob, 'ban', `admins/${alice.account}`), bob)],
      ['by-a-member-on-a-device', () => cast(vote(bob, 'ban', `devices/${alice.device}`), bob)],
    ],
    R14: [
      ['no-target', () => cast(vote(alice, 'ban', 'members/bob'))],
      ['in-anothers-name', () => cast(vote(bob, 'ban', `members/${bob.account}`))],
    ],
    R15: [
      ['promote', () => cast(vote(alice, 'promote', `members/${bob.account}`))],
      ['kick', () => cast(vote(alice, 'kick', `members/${bob.account}`))],
    ],
    R16: [
      ['taken-back', () => cast(onBob), () => cast({ [path]: undefined })],
      ['cast-again', () => cast(onBob), () => cast({ [path]: 'x' })],
    ],
    R17: [
      ['one-letter', () => cast({ [path]: 'x' })],
      ['json', () => cast({ [path]: '{}' })],
    ],
    R18: [
      ['on-oneself', () => cast(vote(alice, 'ban', `admins/${alice.account}`))],
      ['on-nobody', () => cast(vote(alice, 'ban', `members/${NOBODY}`))],
    ],
    R19: [
      ['on-the-own-device', () => cast(vote(alice, 'ban', `devices/${alice.device}`))],
      ['on-no-device', () => cast(vote(alice, 'ban', `devices/${carol.device}`))],
    ],
  };
}

function memberOnes(cast: Cast): Broken {
  const { forge, alice, bob, carol, tablet, dave, pair, at } = cast;
  const add = (uri: string, files: Files, by = bob) => forge.commit({ by, says: member('add', uri), files });
  const invitation = { [`invited/${NOBODY}`]: '' };
  const join = (by: DeviceKeys, files: Files, uri: string = by.account) =>
    forge.commit({ by, says: member('join', uri), files });
  const used = { [`invited/${carol.account}`]: undefined };
  return {
    R20: [
      ['a-link', () => add(`jami:${NOBODY}`, {})],
      ['nobody', () => add('0'.repeat(40), {})],
    ],
    R21: [
      ['promote', () => forge.commit({ by: bob, says: member('promote', NOBODY) })],
      ['no-action', () => forge.commit({ by: bob, says: { type: 'member', uri: NOBODY } })],
    ],
    R22: [
      ['a-third', at(pair), () => add(NOBODY, invitation, alice)],
      ['a-third-by-the-second', at(pair), () => add(carol.account, { [`invited/${carol.account}`]: '' })],
    ],
    R23: [
      ['no-file', () => add(NOBODY, {})],
      ['four-files', () => add(NOBODY, { ...invitation, ...PROFILE, ...README, a: '' })],
    ],
    R24: [
      ['a-member', () => add(bob.account, { [`invited/${bob.account}`]: '' })],
      ['an-admin', () => add(alice.account, { [`invited/${alice.account}`]: '' }, alice)],
    ],
    R25: [
      ['profile', () => add(NOBODY, { ...invitation, ...PROFILE })],
      ['two-invitations', () => add(NOBODY, { ...invitation, [`invited/${dave.account}`]: '' })],
    ],
    R26: [
      ['only-a-device', () => add(NOBODY, deviceFiles(tablet), tablet)],
      ['taken-back', () => add(carol.account, used)],
    ],
    R27: [
      ['one-letter', () => add(NOBODY, { [`invited/${NOBODY}`]: 'x' })],
      ['a-certificate', () => add(dave.account, { [`invited/${dave.account}`]: certificate(dave) })],
    ],
    R28: [
      ['banned-member', () => ban(cast, bob), () => add(bob.account, { [`invited/${bob.account}`]: '' }, alice)],
      [
        'banned-guest',
        () => ban(cast, carol, 'invited'),
        () => add(carol.account, { [`invited/${carol.account}`]: '' }),
      ],
    ],
    R29: [
      ['profile', () => join(carol, { ...used, ...memberFiles(carol), ...PROFILE })],
      [
        'anothers-file',
        () => join(carol, { ...used, ...memberFiles(carol), [`members/${bob.account}.crt`]: undefined }),
      ],
    ],
    R30: [
      ['not-used-up', () => join(carol, memberFiles(carol))],
      ['not-invited', () => join(dave, memberFiles(dave))],
    ],
    R31: [
      ['no-file', () => join(carol, { ...used, ...deviceFiles(carol) })],
      [
        'there-before',
        async () => {
          await add(bob.account, { [`invited/${bob.account}`]: '' }, alice);
          return join(bob, { [`invited/${bob.account}`]: undefined });
        },
      ],
    ],
    R32: [
      [
        'by-a-member',
        () => join(bob, { ...used, [`members/${carol.account}.crt`]: certificate(carol) }, carol.account),
      ],
      [
        'by-the-admin',
        () => join(alice, { ...used, [`members/${carol.account}.crt`]: certificate(carol) }, carol.account),
      ],
    ],
  };
}

function goingOnes({ forge, alice, bob, carol }: Cast): Broken {
  const gone = (who: DeviceKeys) => ({
    [`members/${who.account}.crt`]: undefined,
    [`devices/${who.device}.crt`]: undefined,
  });
  const remove = (files: Files, by = bob) => forge.commit({ by, says: member('remove', bob.account), files });
  return {
    R33: [
      ['by-another', () => remove(gone(bob), alice)],
      ['with-a-new-file', () => remove({ ...gone(bob), ...PROFILE })],
    ],
    R34: [
      ['with-the-admins-device', () => remove({ ...gone(bob), [`devices/${alice.device}.crt`]: undefined })],
      [
        'with-a-members-device',
        async () => {
          await forge.join(carol);
          return remove({ ...gone(bob), [`devices/${carol.device}.crt`]: undefined });
        },
      ],
    ],
  };
}

function banOnes(cast: Cast): Broken {
  const { forge, alice, bob, carol } = cast;
  const place = `members/${bob.account}`;
  const voted = async (path = place) =>
    void (await forge.commit({ by: alice, says: { type: 'vote', uri: bob.account }, files: vote(alice, 'ban', path) }));
  const spent = { [`votes/ban/${place}/${alice.account}`]: undefined };
  const moved = { [`${place}.crt`]: undefined, [`banned/${place}.crt`]: certificate(bob) };
  const resolve = (files: Files, by = alice, uri: string = bob.account) =>
    forge.commit({ by, says: member('ban', uri), files });
  const after =
    (files: Files, by = alice) =>
    async () => {
      await voted();
      return resolve(files, by);
    };
  return {
    R35: [
      ['profile', after({ ...spent, ...moved, ...PROFILE })],
      ['readme', after({ ...spent, ...moved, ...README })],
    ],
    R36: [
      ['of-another', after({ ...spent, ...moved, [`banned/members/${carol.account}.crt`]: certificate(carol) })],
      ['with-another-vote', after({ ...spent, ...moved, [`votes/unban/${place}/${alice.account}`]: '' })],
    ],
    R37: [
      [
        'anothers-device-removed',
        async () => {
          await forge.join(carol);
          await voted();
          return resolve({ ...spent, ...moved, [`devices/${carol.device}.crt`]: undefined });
        },
      ],
      ['a-device-added', after({ ...spent, ...moved, ...deviceFiles(carol) })],
    ],
    R38: [
      ['by-the-target', after({ ...spent, ...moved }, bob)],
      [
        'by-a-member',
        async () => {
          await forge.join(carol);
          await voted();
          return resolve({ ...spent, ...moved }, carol);
        },
      ],
    ],
    R39: [
      ['no-vote', () => resolve(moved)],
      [
        'a-vote-on-something-else',
        async () => {
          await voted(`invited/${bob.account}`);
          return resolve({ ...moved, [`votes/ban/invited/${bob.account}/${alice.account}`]: undefined });
        },
      ],
    ],
    R40: [
      ['another-file', after({ ...spent, ...moved, [`banned/${place}.crt`]: certificate(carol) })],
      ['not-moved-away', after({ ...spent, [`banned/${place}.crt`]: certificate(bob) })],
      ['nothing-moved', after(spent)],
    ],
    V3: [
      ['a-stranger', () => forge.commit({ by: carol, says: text, files: deviceFiles(carol) })],
      ['a-banned-member', () => ban(cast, bob), () => forge.say(bob, 'hello?')],
    ],
  };
}

function contentOnes(cast: Cast): Broken {
  const { forge, alice, bob, carol, document } = cast;
  const edit = (by: DeviceKeys, target: string) => forge.commit({ by, says: { ...text, edit: target } });
  const call = { type: 'application/call-history+json', to: '', duration: '1' };
  const stored = (files: Files) => {
    forge.rewindTo(document);
    return forge.commit({ by: alice, says: CHECKPOINT, files });
  };
  return {
    R7: [
      ['no-json', () => forge.commit({ by: bob, says: 'hello' })],
      ['no-type', () => forge.commit({ by: bob, says: { body: 'x' } })],
      ['a-mode-in-words', () => forge.commit({ by: bob, says: { ...text, mode: '2' } })],
    ],
    R41: [
      ['by-a-member', () => forge.commit({ by: bob, says: UPDATE, files: PROFILE })],
      [
        'taken-away-by-a-member',
        async () => {
          await profile(cast, 'ours');
          return forge.commit({ by: bob, says: UPDATE, files: { 'profile.vcf': undefined } });
        },
      ],
    ],
    R42: [
      ['readme', () => forge.commit({ by: alice, says: UPDATE, files: { ...PROFILE, ...README } })],
      ['an-invitation', () => forge.commit({ by: alice, says: UPDATE, files: { [`invited/${NOBODY}`]: '' } })],
    ],
    R43: [
      ['in-a-group', () => forge.commit({ by: bob, says: CHECKPOINT })],
      [
        'in-a-group-with-attachment',
        () => forge.commit({ by: alice, says: CHECKPOINT, files: attachment(forge, 'x') }),
      ],
    ],
    R44: [
      ['another-name', () => stored({ [`attachments/${NOBODY}`]: Buffer.from([0, 1, 2, 255]) })],
      ['certificate-removed', () => stored({ ...attachment(forge, 'y'), [`admins/${alice.account}.crt`]: undefined })],
    ],
    R45: [
      ['of-nothing', () => edit(bob, NOBODY)],
      ['without-a-target', () => forge.commit({ by: bob, says: { type: 'application/edited-message', body: 'x' } })],
    ],
    R46: [
      ['of-anothers', async () => edit(alice, await forge.say(bob, 'mine'))],
      ['of-the-admins', async () => edit(bob, await forge.say(alice, 'mine'))],
    ],
    R47: [
      ['of-a-call', async () => edit(bob, await forge.commit({ by: bob, says: call }))],
      ['of-an-invitation', async () => edit(alice, await forge.invite(alice, cast.dave))],
    ],
    R49: [
      ['adds-a-file', () => forge.say(bob, 'look', README)],
      ['makes-an-admin', () => forge.say(bob, 'look', { [`admins/${bob.account}.crt`]: certificate(bob) })],
      ['brings-a-foreign-device', () => forge.say(bob, 'look', deviceFiles(carol))],
      [
        'edits-with-a-file',
        async () => forge.commit({ by: bob, says: { ...text, edit: await forge.say(bob, 'a') }, files: README }),
      ],
    ],
  };
}

function mergeOnes(cast: Cast): Broken {
  const { forge, alice, bob } = cast;
  const says = (body: string) => () => forge.say(bob, body);
  const joined = async (more: number) => {
    const base = forge.head;
    const heads: CommitId[] = [];
    for (let at = 0; at < more; at += 1) {
      forge.rewindTo(base);
      heads.push(await forge.say(bob, `${at}`));
    }
    return forge.commit({ by: alice, says: 'Merge commit', on: heads });
  };
  const undone = async (by: DeviceKeys, mine: 'ban' | 'words') => {
    const base = forge.head;
    const banned = await ban(cast, bob);
    forge.rewindTo(base);
    const words = await forge.say(bob, 'still here');
    const on = mine === 'ban' ? [banned, words] : [words, banned];
    return forge.commit({ by, says: 'Merge commit', on, treeOf: words });
  };
  return {
    R51: [
      ['three-parents', () => joined(3)],
      ['four-parents', () => joined(4)],
    ],
    R52: [
      ['a-new-file', () => forkOf(cast, [says('one'), says('other')], README)],
      ['a-new-profile', () => forkOf(cast, [says('one'), says('other')], PROFILE)],
    ],
    S3: [
      ['a-ban-undone-by-the-banned', () => undone(bob, 'words')],
      ['a-ban-undone-by-the-admin', () => undone(alice, 'ban')],
      [
        'a-profile-dropped',
        () => forkOf(cast, [() => profile(cast, 'ours'), says('other')], { 'profile.vcf': undefined }),
      ],
    ],
  };
}

function signerOnes(cast: Cast): Broken {
  const { forge, alice, bob, tablet, old, stale } = cast;
  const changing = (from: string | RegExp, to: string) => (bytes: Buffer) =>
    Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1');
  const certified = (files: Files) => forge.commit({ by: alice, says: { type: 'initial', mode: 2 }, files, on: [] });
  return {
    R2: [
      ['no-signature', () => forge.commit({ by: bob, says: text, tamper: changing(/signature .*\n/, '') })],
      ['no-base64', () => forge.commit({ by: bob, says: text, tamper: changing(/signature .*\n/, 'signature ?\n') })],
    ],
    V1: [
      ['no-certificate', () => forge.commit({ by: tablet, says: text })],
      [
        'a-banned-device',
        async () => {
          await forge.say(tablet, 'hi', deviceFiles(tablet));
          await ban(cast, tablet, 'devices');
          return forge.say(tablet, 'back again', deviceFiles(tablet));
        },
      ],
    ],
    V4: [
      ['joins-expired', () => forge.invite(alice, old), () => forge.join(old)],
      [
        'speaks-expired',
        async () => {
          await forge.invite(alice, old);
          const says = member('join', old.account);
          const files = { [`invited/${old.account}`]: undefined, ...memberFiles(old) };
          await forge.commit({ by: old, says, files, seconds: EXPIRED / 1000 + 5 });
          return forge.say(old, 'years later');
        },
      ],
    ],
    V5: [
      ['joins-expired', () => forge.invite(alice, stale), () => forge.join(stale)],
      ['founds-expired', () => forge.found(stale)],
    ],
    V6: [
      ['anothers-key', () => forge.commit({ by: bob, says: text, signedWith: alice })],
      ['a-changed-letter', () => forge.commit({ by: bob, says: text, tamper: changing('hello', 'hallo') })],
    ],
    V7: [
      [
        'anothers-account',
        () => certified({ ...adminFiles(alice), [`admins/${alice.account}.crt`]: certificate(bob) }),
      ],
      [
        'renewed-with-anothers',
        () => forge.say(bob, 'renewed', { [`members/${bob.account}.crt`]: certificate(alice) }),
      ],
    ],
    S1: [
      [
        'anothers-device',
        () => {
          const files = { [`devices/${bob.device}.crt`]: deviceFiles(alice)[`devices/${alice.device}.crt`] };
          return forge.commit({ by: bob, says: text, files, signedWith: alice });
        },
      ],
      [
        'anothers-authority',
        () => {
          const chain = alice.chain.account.pem + bob.chain.authority.pem;
          return certified({ ...adminFiles(alice), [`admins/${alice.account}.crt`]: chain });
        },
      ],
    ],
  };
}
