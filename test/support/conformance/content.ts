/** Histories that break a rule of beginnings, contents and merges. */
import type { DeviceKeys } from '../../../src/identity/identity.ts';
import type { CommitId } from '../../../src/ids.ts';
import { treeWithMode } from '../conversation/file-mode.ts';
import { adminFiles, deviceFiles, type Files, memberFiles } from '../conversation/forge.ts';
import { ban, certificate, leave, NOBODY, text } from '../conversation/judged-group.ts';
import {
  announcement,
  attachment,
  type Broken,
  type Cast,
  CHECKPOINT,
  forkOf,
  PROFILE,
  profile,
  README,
  renewedCertificate,
  revocations,
  UPDATE,
} from './cast.ts';

export function initialOnes({ forge, alice, bob, document, at }: Cast): Broken {
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
      ['a-text', () => forge.commit({ by: alice, says: text, files: adminFiles(alice), on: [] })],
    ],
    R6: [
      ['more-files', () => found({ mode: 2 }, README)],
      ['anothers-revocations', () => found({ mode: 2 }, revocations(bob))],
      ['invitation-in-a-group', () => found({ mode: 2 }, { [`invited/${bob.account}`]: '' })],
      [
        'invitation-in-a-group-that-names-it',
        () => found({ mode: 2, invited: bob.account }, { [`invited/${bob.account}`]: '' }),
      ],
      [
        'founded-by-a-member',
        () => forge.commit({ by: alice, says: { type: 'initial', mode: 2 }, files: memberFiles(alice), on: [] }),
      ],
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

export function contentOnes(cast: Cast): Broken {
  const { forge, alice, bob, carol, document } = cast;
  const edit = (by: DeviceKeys, target: string) => forge.commit({ by, says: { ...text, edit: target } });
  const call = { type: 'application/call-history+json', to: '', duration: '1' };
  /** The admin's second file: who signed is judged by the first. */
  const renewed = async (file: Files[string]) => {
    await forge.invite(bob, alice);
    await forge.join(alice);
    return forge.say(alice, 'renewed', { [`members/${alice.account}.crt`]: file });
  };
  const ofItsCertificate = (mode: '100755' | '120000') =>
    forge.commit({ by: bob, says: text, tree: treeWithMode(forge, `devices/${bob.device}.crt`, mode) });
  const stored = (files: Files) => {
    forge.rewindTo(document);
    return forge.commit({ by: alice, says: CHECKPOINT, files });
  };
  return {
    R7: [
      ['no-json', () => forge.commit({ by: bob, says: 'hello' })],
      ['no-type', () => forge.commit({ by: bob, says: { body: 'x' } })],
      ['a-mode-in-words', () => forge.commit({ by: bob, says: { ...text, mode: '2' } })],
      ['a-size-in-words', () => forge.commit({ by: bob, says: { ...announcement, totalSize: 'about 5' } })],
      ['no-type-by-a-stranger', () => forge.commit({ by: cast.dave, says: { body: 'x' } })],
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
      ['one-folder-deeper', () => stored(deeper(attachment(forge, 'z')))],
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
      [
        'of-a-file-taken-back',
        async () => edit(bob, await forge.commit({ by: bob, says: { ...announcement, tid: '' } })),
      ],
      ['of-ones-own-leave', async () => edit(bob, await comeBack(cast))],
    ],
    R49: [
      ['adds-a-file', () => forge.say(bob, 'look', README)],
      ['changes-an-invitation', () => forge.say(bob, 'look', { [`invited/${carol.account}`]: 'x' })],
      ['takes-its-membership-away', () => forge.say(bob, 'look', { [`members/${bob.account}.crt`]: undefined })],
      ['makes-a-member-of-the-admin', () => forge.say(alice, 'look', memberFiles(alice))],
      ['renews-with-anothers', () => renewed(certificate(carol))],
      ['renews-with-no-certificate', () => renewed('no certificate')],
      ['renews-by-anothers-authority', () => renewed(alice.chain.account.pem + bob.chain.authority.pem)],
      ['makes-a-program-of-its-certificate', () => ofItsCertificate('100755')],
      ['makes-a-link-of-its-certificate', () => ofItsCertificate('120000')],
      ['makes-an-admin', () => forge.say(bob, 'look', { [`admins/${bob.account}.crt`]: certificate(bob) })],
      ['brings-a-foreign-device', () => forge.say(bob, 'look', deviceFiles(carol))],
      [
        'edits-with-a-file',
        async () => forge.commit({ by: bob, says: { ...text, edit: await forge.say(bob, 'a') }, files: README }),
      ],
    ],
  };
}

export function mergeOnes(cast: Cast): Broken {
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
      ['the-profile-of-the-smaller-head', () => wrongProfile(cast)],
      [
        'a-certificate-kept-that-a-ban-took-away',
        async () => {
          const files = { [`members/${bob.account}.crt`]: await renewedCertificate('bob') };
          return forkOf(cast, [() => ban(cast, bob), () => forge.say(bob, 'renewed', files)], files);
        },
      ],
      [
        'a-profile-dropped',
        () => forkOf(cast, [() => profile(cast, 'ours'), says('other')], { 'profile.vcf': undefined }),
      ],
    ],
  };
}

/** Of two profiles that conflict, the one that has to give way. */
async function wrongProfile(cast: Cast): Promise<CommitId> {
  const base = cast.forge.head;
  const ours = await profile(cast, 'ours');
  cast.forge.rewindTo(base);
  const theirs = await profile(cast, 'theirs');
  return cast.forge.merge(cast.alice, [ours, theirs], { 'profile.vcf': ours > theirs ? 'theirs' : 'ours' });
}

/** Bob leaves, and is a member again; what is given back is his leave. */
async function comeBack(cast: Cast): Promise<CommitId> {
  const left = await leave(cast, cast.bob);
  await cast.forge.invite(cast.alice, cast.bob);
  await cast.forge.join(cast.bob);
  return left;
}

/** The attachment's file as a folder with the same file in it. */
function deeper(files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [`${path}/again`, content]));
}
